package io.dbbackup.benchmarks;

import java.util.List;

/**
 * A question to the benchmark.
 *
 * @param key what it is called on the command line
 * @param title what it is called in the table
 * @param product the product
 * @param peers whom it is compared with, in the same round
 */
record Scenario(String key, String title, Contender product, List<Contender> peers) {
    Scenario {
        peers = List.copyOf(peers);
    }

    Scenario alone() {
        return new Scenario(key, title, product, List.of());
    }
}
