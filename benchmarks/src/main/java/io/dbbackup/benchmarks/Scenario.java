package io.dbbackup.benchmarks;

import java.util.List;

/**
 * A question to the benchmark.
 *
 * @param key what it is called on the command line
 * @param title what it is called in the table
 * @param product the product
 * @param peers whom it is compared with, in the same round
 * @param warmUp lets the product's code be compiled; at least its first call takes its time
 * @param section where its rows belong
 */
record Scenario(String key, String title, Contender product, List<Contender> peers, Runnable warmUp, Section section) {
    Scenario {
        peers = List.copyOf(peers);
    }

    Scenario alone() {
        return new Scenario(key, title, product, List.of(), warmUp, section);
    }

    /** A scenario of PostgreSQL. */
    Scenario(String key, String title, Contender product, List<Contender> peers, Runnable warmUp) {
        this(key, title, product, peers, warmUp, Section.POSTGRESQL);
    }

    /** A table in {@code docs/performance.md}, between two markers. */
    enum Section {
        POSTGRESQL("benchmarks/run --write", List.of("pg_dump")),
        MYSQL("benchmarks/run --write, MySQL and MariaDB", List.of("mariadb-dump", "mydumper"));

        private final String marker;
        private final List<String> programs;

        Section(String marker, List<String> programs) {
            this.marker = marker;
            this.programs = programs;
        }

        String begin() {
            return "<!-- " + marker + ": begin -->";
        }

        String end() {
            return "<!-- " + marker + ": end -->";
        }

        /** The peers' programs, which tell their versions. */
        List<String> programs() {
            return programs;
        }
    }
}
