package io.dbbackup.benchmarks;

/** Somebody who does the work of a scenario. */
interface Contender {
    String name();

    /** What must be there before, not measured. */
    default void before() {}

    /** Does the work once and measures it. */
    Sample run();
}
