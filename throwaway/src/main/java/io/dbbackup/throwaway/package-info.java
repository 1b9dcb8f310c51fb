/**
 * Throwaway PostgreSQL servers: started from local binaries, filled with sample data, compared, destroyed.
 *
 * <p>Start at {@link io.dbbackup.throwaway.PostgresInstance}. The product uses it as the sandbox of a restore
 * verification, the demo and the tests use it as source and target. {@link io.dbbackup.throwaway.SampleCluster} fills an
 * instance, {@link io.dbbackup.throwaway.ClusterComparison} says how two instances differ.
 *
 * <p>Nothing here depends on anything but the JDK and PostgreSQL's own tools, and nothing here shares code with the
 * backup engine: what judges a restore must not be built from what made the backup.
 */
package io.dbbackup.throwaway;
