package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.Endpoint;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.SetReader;
import io.dbbackup.throwaway.ClusterComparison;
import io.dbbackup.throwaway.PostgresInstance;
import java.nio.file.Path;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What dumps lose, refuse or change, beyond the sample cluster; each ends in a restore and a comparison. */
class EdgeCasesTest {
    @TempDir
    private static Path directory;

    private static PostgresInstance source;
    private static BackupRun backup;
    private static BlobSetReader set;

    @BeforeAll
    static void backUp() {
        source = PostgresInstance.builder().setting("wal_level", "logical").start();
        // the role that makes the backup has every time limit there is, far too short for a backup
        source.psql("postgres", """
                CREATE ROLE hurried LOGIN SUPERUSER PASSWORD 'hurried';
                ALTER ROLE hurried SET statement_timeout = '100ms';
                ALTER ROLE hurried SET lock_timeout = '1ms';
                ALTER ROLE hurried SET idle_in_transaction_session_timeout = '1ms';
                ALTER ROLE hurried SET idle_session_timeout = '1s';
                """);
        for (String name : List.of("no_public", "labelled", "keys", "subscriber", "unlogged")) {
            source.psql("postgres", "CREATE DATABASE " + name);
        }
        source.psql("postgres", "CREATE DATABASE icu TEMPLATE template0 LOCALE_PROVIDER icu ICU_LOCALE 'de' LOCALE 'C'");
        source.psql("icu", "CREATE TABLE t (v text PRIMARY KEY); INSERT INTO t VALUES ('ä'), ('z'), ('A')");
        source.psql("no_public", """
                DROP SCHEMA public;
                CREATE SCHEMA elsewhere;
                CREATE TABLE elsewhere.t AS SELECT 1 AS one;
                """);
        source.psql("labelled", """
                CREATE TABLE t AS SELECT generate_series(1, 10) AS i;
                CREATE FUNCTION f() RETURNS int LANGUAGE sql AS 'SELECT 1';
                SET allow_system_table_mods = on;
                INSERT INTO pg_seclabel SELECT oid, 'pg_class'::regclass, 0, 'no such provider', 'secret'
                    FROM pg_class WHERE relname = 't';
                INSERT INTO pg_seclabel SELECT oid, 'pg_proc'::regclass, 0, 'no such provider', 'secret'
                    FROM pg_proc WHERE proname = 'f';
                """);
        source.psql("keys", """
                CREATE TABLE centre (id int PRIMARY KEY, other int);
                CREATE TABLE ring (id int PRIMARY KEY, centre int REFERENCES centre, next int REFERENCES ring);
                CREATE TABLE leaf (ring int REFERENCES ring, centre int REFERENCES centre ON DELETE CASCADE);
                CREATE TABLE apart (id int PRIMARY KEY);
                CREATE TABLE of_apart (apart int REFERENCES apart DEFERRABLE INITIALLY DEFERRED);
                CREATE TABLE violating (apart int);
                INSERT INTO centre SELECT i FROM generate_series(1, 100) i;
                INSERT INTO ring SELECT i, i, i FROM generate_series(1, 100) i;
                INSERT INTO leaf SELECT i, i FROM generate_series(1, 100) i;
                INSERT INTO apart SELECT i FROM generate_series(1, 100) i;
                INSERT INTO of_apart SELECT i FROM generate_series(1, 100) i;
                INSERT INTO violating VALUES (4711);
                ALTER TABLE centre ADD FOREIGN KEY (other) REFERENCES ring;
                ALTER TABLE violating ADD FOREIGN KEY (apart) REFERENCES apart NOT VALID;
                """);
        source.psql("subscriber", """
                SET client_min_messages = error;
                CREATE SUBSCRIPTION eager CONNECTION 'host=127.0.0.1 port=1 dbname=nowhere' PUBLICATION p
                    WITH (connect = false, slot_name = 'nothing');
                ALTER SUBSCRIPTION eager ENABLE;
                """);
        source.psql("unlogged", """
                CREATE UNLOGGED TABLE volatile AS SELECT generate_series(1, 50) AS i;
                CREATE TABLE lasting AS SELECT generate_series(1, 60) AS i;
                """);
        backup = new BackupRun(
                BackupRun.endpoint(source, "hurried", "hurried"),
                BackupRun.spec(1 << 20, "no_public", "labelled", "keys", "subscriber", "icu"), directory, 2);
        set = backup.complete();
    }

    @AfterAll
    static void stop() {
        backup.close();
        source.psql("subscriber", "ALTER SUBSCRIPTION eager DISABLE");
        source.close();
    }

    private static Set<String> restored(SetReader from, String name) {
        try (RestoreRun run = new RestoreRun(
                BackupRun.endpoint(source, "hurried", "hurried"), from, RestoreRun.spec(name, "again_" + name), 2)) {
            run.complete();
            assertThat(run.differences()).isEmpty();
            return run.warnings();
        }
    }

    private static List<String> differences(String name) {
        return ClusterComparison.between(source, source).database(name, "again_" + name).differences();
    }

    @Test
    void a_schema_public_that_was_dropped_stays_dropped() {
        assertThat(restored(set, "no_public")).isEmpty();
        assertThat(source.psql("again_no_public", "SELECT count(*) FROM pg_namespace WHERE nspname = 'public'").strip())
                .isEqualTo("0");
        assertThat(differences("no_public")).isEmpty();
    }

    @Test
    void security_labels_of_a_provider_that_the_target_lacks_are_left_out_with_a_warning() {
        assertThat(restored(set, "labelled")).singleElement().asString().contains("no such provider", "labelled");
        assertThat(differences("labelled")).isNotEmpty().allMatch(difference -> difference.contains("SECURITY LABEL"));
    }

    @Test
    void foreign_keys_of_big_tables_are_added_in_parallel_but_never_two_of_one_table() {
        SetReader big = new ChangedSet(set).bigger(IndexPlan.BIG);
        try (RestoreRun run = new RestoreRun(
                BackupRun.endpoint(source), big, RestoreRun.spec("keys", "again_keys"), 3)) {
            run.executingTwice(item -> item.kind().equals(RestoreKind.INDEXES)).plan();
            List<ItemDraft> foreign =
                    run.items(item -> item.key().contains("/foreign/"));
            assertThat(foreign).hasSize(7);
            assertThat(foreign.stream().filter(item -> item.needs().stream().noneMatch(key -> key.contains("/foreign/"))))
                    .as("keys that can be added first: one of the ring, one of what is apart from it")
                    .hasSize(2);
            run.drain().mustBeComplete();
            assertThat(run.differences()).isEmpty();
        }
        assertThat(differences("keys")).isEmpty();
    }

    @Test
    void a_subscription_that_was_enabled_is_restored_disabled_with_a_warning() {
        assertThat(restored(set, "subscriber")).singleElement().asString().contains("subscriptions", "disabled");
        assertThat(source.psql("again_subscriber", """
                SELECT subenabled FROM pg_subscription s JOIN pg_database d ON d.oid = subdbid
                WHERE datname = current_database()
                """).strip()).isEqualTo("f");
        assertThat(differences("subscriber")).isEmpty();
    }

    @Test
    void another_version_of_a_collation_is_reported() {
        assertThat(restored(new ChangedSet(set).collationVersion("1.2.3.4"), "icu"))
                .singleElement().asString().contains("1.2.3.4", "icu", "locale de", "sort differently");
        assertThat(differences("icu")).isEmpty();
    }

    @Test
    void a_standby_is_a_source_like_any_other_except_for_unlogged_rows_which_it_does_not_have() {
        try (PostgresInstance standby = PostgresInstance.builder().standbyOf(source).start()) {
            Endpoint endpoint = BackupRun.endpoint(standby);
            try (BackupRun run = new BackupRun(
                    endpoint, BackupRun.spec(1 << 20, "unlogged", "keys"), directory.resolve("standby"), 2)) {
                BlobSetReader from = run.complete();
                assertThat(from.manifest().server().details()).containsEntry("standby", "true");
                assertThat(run.warnings()).singleElement().asString().contains("1 UNLOGGED", "standby");
                assertThat(restored(from, "unlogged")).isEmpty();
                assertThat(source.psql("again_unlogged", "SELECT count(*) FROM lasting").strip()).isEqualTo("60");
                assertThat(differences("unlogged")).singleElement().asString().contains("volatile");
            }
        }
    }
}
