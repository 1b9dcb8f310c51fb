package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Selection;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.Discarded;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.throwaway.MysqlInstance;
import io.dbbackup.throwaway.MysqlPrograms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On a server where "Live" and "live" are one database, restores know each other whatever case they were given. */
class CaselessNamesTest {
    private static TestServer server;

    @BeforeAll
    static void start() {
        server = new TestServer(new MariadbEngine(), MysqlInstance.start(
                MysqlPrograms.ofMariadb(), Path.of(System.getProperty("java.io.tmpdir")),
                Map.of("lower-case-table-names", "1"), Map.of()));
    }

    @AfterAll
    static void stop() {
        server.instance().close();
    }

    @Test
    void marks_of_an_unfinished_restore_are_found_under_every_spelling_of_its_database(@TempDir Path directory) throws IOException {
        String table = "CREATE TABLE %1$s.t (id int PRIMARY KEY);"
                + " CREATE TRIGGER %1$s.fires BEFORE INSERT ON %1$s.t FOR EACH ROW SET NEW.id = NEW.id + 1;";
        server.sql("mysql", "CREATE DATABASE quiet; " + table.formatted("quiet") + " INSERT INTO quiet.t VALUES (1)");
        server.sql("mysql", "CREATE DATABASE live; " + table.formatted("live"));
        try (BackupRun rows = backup(directory, Selection.Sections.DATA, "quiet");
                BackupRun whole = backup(directory, Selection.Sections.ALL, "quiet");
                BackupRun lacking = backup(directory, Selection.Sections.ALL, "live")) {
            BlobSetReader set = rows.complete();
            BlobSetReader replacing = whole.complete();
            try (MysqlRestoreRun first = restore(set, "LIVE", false)) {
                first.after("mysql.restore.schema", "quiet", () -> {
                    throw new IllegalStateException("killed");
                });
                first.attempt();
                assertThat(server.sql("live", "SHOW TRIGGERS")).as("suspended").isEmpty();

                refused(restore(set, "live", false), first);
                refused(restore(set, "Live", false), first);
                refused(restore(replacing, "live", true), first);
                lacking.complete();
                assertThat(lacking.warnings()).filteredOn(warning -> warning.contains("suspended")).singleElement().asString()
                        .contains(first.run().toString(), "fires on t");

                Discarded discarded = server.engine().logicalRestore().discard(server.endpoint(), first.run());
                assertThat(discarded.triggers()).containsExactly("fires on t");
            }
            assertThat(server.sql("live", "SHOW TRIGGERS")).contains("fires");
            try (MysqlRestoreRun second = restore(set, "Live", false).complete()) {
                assertThat(second.differences()).isEmpty();
            }
            assertThat(server.sql("live", "SELECT * FROM t")).isEqualTo(server.sql("quiet", "SELECT * FROM t"));
        }
        assertThat(server.sql("mysql", "SHOW DATABASES LIKE 'dbbackup%'")).isEmpty();
    }

    private static BackupRun backup(Path directory, Selection.Sections sections, String database) throws IOException {
        return new BackupRun(
                server.engine(), server.endpoint(),
                BackupRun.spec(new Selection(sections, List.of(), List.of(), List.of(), Optional.empty()), database),
                Files.createDirectories(directory.resolve(sections + database)), 1);
    }

    private static MysqlRestoreRun restore(BlobSetReader set, String name, boolean clean) {
        RestoreSpec spec = new RestoreSpec(
                Map.of("quiet", name), clean, clean ? Set.of(name) : Set.of(), RestoreSpec.Globals.NONE, true, true);
        return new MysqlRestoreRun(server.engine(), server.endpoint(), set, clean ? spec : spec.suspendingTriggers(), false);
    }

    private static void refused(MysqlRestoreRun restore, MysqlRestoreRun because) {
        try (restore) {
            assertThatThrownBy(restore::attempt).isInstanceOfSatisfying(BackupException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.DATABASE_EXISTS);
                assertThat(e.problem().cause()).contains(because.temporary(), because.run().toString(), "fires on t");
            });
        }
    }
}
