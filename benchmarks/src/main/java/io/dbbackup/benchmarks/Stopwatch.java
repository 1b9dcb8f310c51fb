package io.dbbackup.benchmarks;

import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.util.List;

/** Wall time, and the CPU time that database servers use meanwhile. */
final class Stopwatch {
    private final List<PostgresInstance> servers;
    private final double before;
    private final long started;

    Stopwatch(List<PostgresInstance> servers) {
        this.servers = servers;
        before = seconds();
        started = System.nanoTime();
    }

    Sample sample(double client, long residentBytes, long outputBytes) {
        double wall = (System.nanoTime() - started) / 1e9;
        return new Sample(wall, client, seconds() - before, residentBytes, outputBytes);
    }

    private double seconds() {
        return servers.stream().mapToDouble(server -> Cpu.seconds(postmaster(server))).sum();
    }

    private static long postmaster(PostgresInstance server) {
        try {
            return Long.parseLong(Files.readAllLines(server.dataDirectory().resolve("postmaster.pid")).get(0).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
