package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.throwaway.MysqlInstance;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Sequences of MariaDB go on where they were, and what counts by them takes numbers from those of its own database. */
class MariadbSequencesTest {
    private static TestServer server;

    @TempDir
    private Path directory;

    @BeforeAll
    static void start() {
        server = new TestServer(new MariadbEngine(), MysqlInstance.start());
    }

    @AfterAll
    static void stop() {
        server.instance().close();
    }

    /** Restores a database as {@code …_copy}, and its definitions by the stock client as {@code …_hand}. */
    private List<String> copies(String database) throws IOException {
        try (BackupRun backup = server.backup(directory, 1, database)) {
            BlobSetReader set = backup.complete();
            server.restore(set, database, database + "_copy");
            DatabaseManifest manifest = set.database(set.manifest().databases().get(0));
            server.sql("mysql", "CREATE DATABASE " + database + "_hand");
            for (String blob : List.of(manifest.schemaBlob(), manifest.afterDataBlob().orElseThrow())) {
                try (InputStream plain = set.open(manifest.blobs().stream().filter(each -> each.name().equals(blob)).findFirst().orElseThrow())) {
                    server.instance().sql(database + "_hand", plain.readAllBytes());
                }
            }
        }
        return List.of(database + "_copy", database + "_hand");
    }

    @Test
    void views_and_defaults_of_a_copy_leave_the_sequences_of_the_original_alone() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE counting; USE counting;
                CREATE SEQUENCE s; CREATE SEQUENCE d;
                CREATE VIEW v AS SELECT nextval(s) AS n, lastval(counting.s) AS l, setval(counting.s, 40) AS x;
                CREATE TABLE t (id int, n bigint DEFAULT (setval(d, 50)));
                """);
        for (String copy : copies("counting")) {
            assertThat(server.sql(copy, "SELECT n, x FROM v; INSERT INTO t (id) VALUES (1); SELECT * FROM t")).as(copy).isEqualTo("1\t40\n1\t50\n");
            assertThat(server.sql("counting", "SELECT s.next_not_cached_value, d.next_not_cached_value FROM s, d")).as(copy).isEqualTo("1\t1\n");
            assertThat(server.sql(copy, "SHOW CREATE VIEW v; SHOW CREATE TABLE t")).as(copy).doesNotContain("`counting`");
        }
    }

    @Test
    void sequences_that_were_set_back_behind_their_start_go_on_there() throws IOException {
        server.sql("mysql", """
                CREATE DATABASE back; USE back;
                CREATE SEQUENCE up START 5 MINVALUE 1 MAXVALUE 10; ALTER SEQUENCE up RESTART 2;
                CREATE SEQUENCE down START -5 MINVALUE -10 MAXVALUE -1 INCREMENT -1; ALTER SEQUENCE down RESTART -2;
                CREATE SEQUENCE ended START 5 MINVALUE 1 MAXVALUE 10 NOCACHE; DO setval(ended, 10);
                CREATE SEQUENCE low START -5 MINVALUE -10 MAXVALUE -1 INCREMENT -1; DO setval(low, -10);
                CREATE SEQUENCE round START 5 MINVALUE 1 MAXVALUE 10 CYCLE NOCACHE; DO setval(round, 10), nextval(round), nextval(round);
                """);
        String values = String.join(" UNION ALL ", List.of("up", "down", "ended", "low", "round").stream()
                .map(name -> "SELECT next_not_cached_value, start_value, minimum_value, maximum_value, increment, cycle_count FROM " + name).toList());
        String original = server.sql("back", values);
        assertThat(original).startsWith("2\t5\t1\t10\t1\t0\n-2\t-5\t").endsWith("\n3\t5\t1\t10\t1\t1\n");
        for (String copy : copies("back")) {
            assertThat(server.sql(copy, values)).as(copy).isEqualTo(original);
            assertThat(server.sql(copy, "SELECT nextval(up), nextval(down)")).as(copy).isEqualTo("2\t-2\n");
        }
    }
}
