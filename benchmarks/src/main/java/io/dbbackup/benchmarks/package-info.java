/**
 * The product and its peers do the same work in turn on the same data, on servers that only the benchmark uses. Start
 * with {@link io.dbbackup.benchmarks.Benchmark}; what is compared with what stands in
 * {@link io.dbbackup.benchmarks.Scenarios}.
 */
package io.dbbackup.benchmarks;
