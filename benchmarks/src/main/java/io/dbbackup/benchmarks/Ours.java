package io.dbbackup.benchmarks;

import java.util.function.Supplier;

/** The product at work. */
record Ours(String name, Runnable preparation, Supplier<Sample> work) implements Contender {
    Ours(Runnable preparation, Supplier<Sample> work) {
        this("dbbackup", preparation, work);
    }

    @Override
    public void before() {
        preparation.run();
    }

    @Override
    public Sample run() {
        return work.get();
    }
}
