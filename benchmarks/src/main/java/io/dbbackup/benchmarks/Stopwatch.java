package io.dbbackup.benchmarks;

import java.util.List;

/** Wall time, and the CPU time that database servers use meanwhile. */
final class Stopwatch {
    private final List<Server> servers;
    private final double before;
    private final long started;

    Stopwatch(List<Server> servers) {
        this.servers = servers;
        before = seconds();
        started = System.nanoTime();
    }

    Sample sample(double client, long residentBytes, long outputBytes) {
        return sample(client, 0, residentBytes, outputBytes);
    }

    Sample sample(double client, double compiler, long residentBytes, long outputBytes) {
        double wall = (System.nanoTime() - started) / 1e9;
        return new Sample(wall, client, compiler, seconds() - before, residentBytes, outputBytes);
    }

    private double seconds() {
        return servers.stream().mapToDouble(server -> Cpu.seconds(server.pid())).sum();
    }
}
