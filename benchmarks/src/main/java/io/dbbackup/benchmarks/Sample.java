package io.dbbackup.benchmarks;

/**
 * One run.
 *
 * @param wall seconds
 * @param client seconds of CPU of the tool and its children
 * @param compiler those of {@code client} in which a JVM compiled code
 * @param server seconds of CPU of all database servers
 * @param residentBytes largest resident memory of the tool and its children that was seen
 * @param outputBytes what it wrote, 0 where that means nothing
 */
record Sample(double wall, double client, double compiler, double server, long residentBytes, long outputBytes) {
    double cpu() {
        return client + server;
    }
}
