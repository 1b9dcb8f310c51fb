package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.SetReader;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** Between its first table and its last object a database of the final name is nobody else's, and nobody takes it for a whole one. */
abstract class FinishContract extends TargetContract {
    private static final String FINISH = "mysql.restore.finish";
    private static final String REMOVE = "mysql.restore.remove";

    private SetReader set(String name) throws IOException {
        server().sql("mysql", """
                CREATE DATABASE %1$s; USE %1$s;
                CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1);
                CREATE TABLE u (id int PRIMARY KEY); INSERT INTO u VALUES (2);
                CREATE VIEW v AS SELECT id FROM t;
                """.formatted(name));
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve(name)), 1, name)) {
            return backup.complete();
        }
    }

    private MysqlRestoreRun restore(SetReader set, String name, boolean clean) {
        return new MysqlRestoreRun(
                server().engine(), server().endpoint(), set,
                new RestoreSpec(
                        Map.of(name, name + "_new"), clean, clean ? Set.of(name + "_new") : Set.of(), RestoreSpec.Globals.NONE, true,
                        true), false);
    }

    /** A restore that dies when its tables have moved and nothing else is there. */
    private void halfFinish(MysqlRestoreRun restore, String name, AtomicBoolean fails) {
        restore.before(FINISH, name, () -> fails.set(true));
        restore.attempt();
        assertThat(restore.problems().values()).singleElement().satisfies(
                problem -> assertThat(problem.code()).isEqualTo(ErrorCode.STORE_IO));
        fails.set(false);
        assertThat(server().sql(name + "_new", "SHOW TABLES")).isEqualTo("t\nu\n");
    }

    private static void assertFailed(MysqlRestoreRun run, ErrorCode code, String... words) {
        assertThat(run.problems().values()).singleElement().satisfies(problem -> {
            assertThat(problem.code()).isEqualTo(code);
            assertThat(problem.cause()).contains(words);
        });
    }

    @Test
    void of_two_restores_into_one_new_name_the_second_leaves_the_first_alone() throws IOException {
        AtomicBoolean fails = new AtomicBoolean();
        SetReader set = set("rival");
        try (MysqlRestoreRun first = restore(new FailingSet(set, fails), "rival", false);
                MysqlRestoreRun second = restore(set, "rival", true)) {
            second.before(FINISH, "rival", () -> halfFinish(first, "rival", fails));
            second.attempt();
            assertFailed(second, ErrorCode.DATABASE_EXISTS, "rival_new", first.temporary());
            assertThat(server().sql("rival_new", "SELECT id FROM t UNION SELECT id FROM u")).isEqualTo("1\n2\n");
            try (MysqlRestoreRun third = restore(set, "rival", true)) {
                assertThatThrownBy(third::attempt).isInstanceOfSatisfying(BackupException.class, refused -> {
                    assertThat(refused.code()).isEqualTo(ErrorCode.DATABASE_EXISTS);
                    assertThat(refused.problem().cause()).contains(first.temporary()).doesNotContain(second.temporary());
                });
            }
            assertThat(first.goOn().differences()).isEmpty();
            assertThat(second.goOn().differences()).isEmpty();
        }
        assertThat(server().sql("rival_new", "SHOW TABLES")).isEqualTo("t\nu\nv\n");
    }

    @Test
    void files_of_nobody_that_keep_a_database_from_being_dropped_are_named_and_nothing_is_lost() throws IOException {
        SetReader set = set("junk");
        server().sql("mysql", "CREATE DATABASE junk_new; CREATE TABLE junk_new.old (id int)");
        String junk = "left.note";
        // MariaDB leaves these of tables that it drops with the database, MySQL deletes them
        String repaired = mariadb() ? "old.MAD-261122010101.BAK" : junk;
        Path data = Path.of(server().sql("mysql", "SELECT @@datadir").strip());
        Path old = Files.createFile(data.resolve("junk_new/" + repaired));
        try (MysqlRestoreRun restore = restore(set, "junk", true)) {
            restore.attempt();
            assertFailed(restore, ErrorCode.DATABASE_DIRECTORY_NOT_EMPTY, "\"junk_new\"", data.toString(), ".BAK", "error 1010");
            assertThat(restore.problems().values()).allMatch(problem -> problem.remedy().contains("restart the run"));
            Files.delete(old);
            Path temporary = data.resolve(restore.temporary()).resolve(junk);
            restore.before(REMOVE, "junk", () -> create(temporary));
            assertThatThrownBy(restore::goOn).hasMessageContainingAll("remove", "holds files that belong to none of its tables");
            assertThat(server().sql("junk_new", "SHOW TABLES")).isEqualTo("t\nu\nv\n");
            Files.delete(temporary);
            assertThat(restore.goOn().differences()).isEmpty();
            assertThat(server().sql("mysql", "SHOW DATABASES LIKE '" + restore.temporary() + "'")).isEmpty();
        }
    }

    private static void create(Path file) {
        try {
            Files.createFile(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void a_restore_waits_for_another_one_that_is_just_giving_the_same_name() throws Exception {
        String waiting = "SELECT count(*) FROM information_schema.processlist WHERE info LIKE 'SELECT GET_LOCK(%' AND state = 'User lock'";
        String lock = "dbbackup_into_" + UUID.nameUUIDFromBytes("queue_new".getBytes(StandardCharsets.UTF_8));
        try (MysqlRestoreRun restore = restore(set("queue"), "queue", false);
                Session watch = Session.open(server().endpoint(), "", "watch");
                Session other = Session.open(server().endpoint(), "", "another run")) {
            CompletableFuture<Void> meanwhile = new CompletableFuture<>();
            restore.before(FINISH, "queue", () -> {
                other.sql().truth("SELECT GET_LOCK(?, 0)", lock);
                meanwhile.completeAsync(() -> {
                    TestServer.await("a session waits", () -> watch.sql().truth(waiting));
                    assertThat(watch.sql().text("SHOW DATABASES LIKE 'queue_new'")).isEmpty();
                    other.abort();
                    return null;
                });
            });
            assertThat(restore.complete().differences()).isEmpty();
            meanwhile.get();
        }
    }

    @Test
    void a_restart_does_not_finish_a_database_whose_tables_somebody_has_dropped_meanwhile() throws IOException {
        AtomicBoolean fails = new AtomicBoolean();
        SetReader set = set("halved");
        try (MysqlRestoreRun restore = restore(new FailingSet(set, fails), "halved", false)) {
            halfFinish(restore, "halved", fails);
            server().sql("mysql", "DROP DATABASE halved_new");
            assertThatThrownBy(restore::goOn).hasMessageContaining("TABLE_MISMATCH").hasMessageContaining("t, u")
                    .hasMessageContaining("Discard the run");
            assertThat(server().sql("mysql", "SHOW DATABASES LIKE 'halved_new'")).isEmpty();
            server().sql("mysql", "CREATE DATABASE halved_new; CREATE TABLE halved_new.u LIKE halved.u");
            assertThatThrownBy(restore::goOn).hasMessageContaining("TABLE_MISMATCH").hasMessageContaining(": t");
            server().engine().logicalRestore().discard(server().endpoint(), restore.run());
        }
        server().sql("mysql", "DROP DATABASE halved_new");
        restore(set, "halved", false).complete().close();
    }

    @Test
    void a_backup_says_that_it_may_hold_a_part_of_a_database_whose_restore_is_not_finished() throws IOException {
        AtomicBoolean fails = new AtomicBoolean();
        try (MysqlRestoreRun restore = restore(new FailingSet(set("parted"), fails), "parted", false);
                BackupRun before = server().backup(Files.createDirectory(directory().resolve("parted-0")), 1, "parted_new");
                BackupRun begun = server().backup(Files.createDirectory(directory().resolve("parted-1")), 1, "parted_new");
                BackupRun other = server().backup(Files.createDirectory(directory().resolve("parted-2")), 1, "parted");
                BackupRun after = server().backup(Files.createDirectory(directory().resolve("parted-3")), 1, "parted_new")) {
            server().sql("mysql", "CREATE DATABASE parted_new");
            before.backup().preflight(before);
            assertThat(before.warnings()).isEmpty();
            halfFinish(restore, "parted", fails);
            before.execute();
            requireWarned(before, restore);
            begun.backup().preflight(begun);
            requireWarned(begun, restore);
            other.complete();
            assertThat(other.warnings()).isEmpty();
            restore.goOn();
            // its snapshot might have been taken before
            begun.execute();
            after.complete();
            assertThat(after.warnings()).isEmpty();
            assertThat(Stream.of(before, begun, other, after).flatMap(run -> run.databases().stream()))
                    .extracting(DatabaseEntry::besideRestore).containsExactly(true, true, false, false);
        }
    }

    private static void requireWarned(BackupRun backup, MysqlRestoreRun restore) {
        assertThat(backup.warnings()).singleElement().asString()
                .contains("\"parted_new\"", "unfinished restore", restore.temporary(), "take another backup");
    }
}
