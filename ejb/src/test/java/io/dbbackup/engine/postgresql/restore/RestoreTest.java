package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.throwaway.ClusterComparison;
import io.dbbackup.throwaway.PostgresInstance;
import io.dbbackup.throwaway.SampleCluster;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whole restores of the sample cluster into fresh servers, judged by a comparison that shares no code with them. */
class RestoreTest {
    private static final long PART_BYTES = 1 << 20;

    @TempDir
    private static Path directory;

    private static PostgresInstance source;
    private static BackupRun backup;
    private static BlobSetReader set;

    @BeforeAll
    static void backUp() {
        source = server();
        SampleCluster.on(source).largeTable("shop", 20_000).everything();
        backup = new BackupRun(BackupRun.endpoint(source), BackupRun.spec(PART_BYTES), directory, 2);
        set = backup.complete();
    }

    @AfterAll
    static void stop() {
        backup.close();
        source.close();
    }

    private static PostgresInstance server() {
        return PostgresInstance.builder().setting("wal_level", "logical").start();
    }

    /**
     * Every item is executed twice, as if the catalog had lost each result between the target's commit and its own:
     * nothing may be loaded twice or fail.
     */
    @Test
    void a_whole_cluster_is_restored_equal_although_every_item_is_executed_twice() {
        try (PostgresInstance target = server();
                RestoreRun run = new RestoreRun(
                        BackupRun.endpoint(target), set, RestoreRun.everything(set), 2)) {
            run.executingTwice(item -> true).complete();
            assertThat(run.differences()).isEqualTo(List.of());
            assertThat(run.tablesCompared()).isGreaterThan(200);
            assertThat(ClusterComparison.between(source, target).differences()).isEmpty();
            assertThat(target.psql("postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'dbbackup%'"))
                    .isEmpty();
            assertStatistics(target);
        }
    }

    /** The two workers have shared the tables out, so that a table may belong to neither. */
    private static void assertStatistics(PostgresInstance target) {
        for (String database : target.psql("postgres", "SELECT datname FROM pg_database WHERE datallowconn AND NOT datistemplate")
                .strip().split("\n")) {
            assertThat(target.psql(database, "SELECT oid::regclass FROM pg_class WHERE relkind IN ('r', 'm') AND reltuples = "
                            + (target.majorVersion() >= 14 ? "-1" : "0 AND pg_relation_size(oid) > 0")
                            + " AND relnamespace NOT IN ('pg_catalog'::regnamespace, 'information_schema'::regnamespace)"))
                    .as("tables of " + database + " without statistics").isEmpty();
        }
    }
}
