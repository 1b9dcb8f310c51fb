/** The stages of the data path one by one, by JMH: {@code benchmarks/stages}. */
package io.dbbackup.benchmarks.stages;
