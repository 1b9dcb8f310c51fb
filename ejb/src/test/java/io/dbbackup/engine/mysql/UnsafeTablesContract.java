package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.service.set.BlobSetReader;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Tables without transactions have their rows once, wherever the server is killed while they are loaded. */
abstract class UnsafeTablesContract extends OddValuesContract {
    private static final String LETTERS = "v varchar(140) CHARACTER SET latin1 NOT NULL";
    private static final String FORGETFUL = "Aria ROW_FORMAT = DYNAMIC";
    private static final String FORGETFUL_FIXED = "Aria TRANSACTIONAL = 0 ROW_FORMAT = FIXED";

    private List<String> kinds() {
        List<String> kinds = new ArrayList<>(List.of("MyISAM", "MEMORY", "CSV"));
        if (mariadb()) {
            kinds.addAll(List.of("Aria", FORGETFUL, FORGETFUL_FIXED));
        }
        if (archives()) {
            kinds.add("ARCHIVE");
        }
        return kinds;
    }

    /** @return what is in it */
    private String fill(String kind, String database) {
        String columns = switch (kind) {
            // without keys, since with them a restore has never lost any of these
            case "CSV", FORGETFUL, FORGETFUL_FIXED -> "id int NOT NULL, " + LETTERS;
            case "ARCHIVE" -> "id int NOT NULL AUTO_INCREMENT, " + LETTERS + ", PRIMARY KEY (id)";
            default -> "id int NOT NULL AUTO_INCREMENT, " + LETTERS + ", PRIMARY KEY (id), KEY (v)";
        };
        server().sql("mysql", "CREATE DATABASE " + database + "; CREATE TABLE " + database + ".t (" + columns + ") ENGINE = " + kind
                + (columns.contains("KEY (v)") ? " AUTO_INCREMENT = 70000" : "") + "; INSERT INTO " + database
                + ".t SELECT seq, concat(sha2(seq, 512), seq) FROM helper.n WHERE seq BETWEEN 1 AND 10000");
        return content(database);
    }

    private String content(String database) {
        return server().text().definitions(database) + server().text().checksums(database);
    }

    @Test
    void tables_without_transactions_come_back() throws IOException {
        for (String kind : kinds()) {
            assertThat(comeBack(kind, "plain_")).as(kind).isEmpty();
        }
    }

    @Test
    void tables_without_transactions_come_back_by_inserts() throws IOException {
        server().sql("mysql", "SET GLOBAL local_infile = OFF");
        try {
            for (String kind : kinds()) {
                assertThat(comeBack(kind, "inserted_")).as(kind).allMatch(warning -> warning.contains("local_infile"));
            }
        } finally {
            server().sql("mysql", "SET GLOBAL local_infile = ON");
        }
    }

    /** @return warnings */
    private List<String> comeBack(String kind, String prefix) throws IOException {
        String database = prefix + kind.toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "_");
        String content = fill(kind, database);
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve(database)), 1, database);
                MysqlRestoreRun restore = server().restoring(backup.complete(), database, database + "_copy", false).complete()) {
            assertThat(restore.differences()).as(kind).isEmpty();
            assertThat(content(database + "_copy")).as(kind).isEqualTo(content);
            // some engines know it without reading the rows
            assertThat(server().sql("mysql", "SELECT count(*) FROM " + database + "_copy.t").strip()).as(kind).isEqualTo("10000");
            return List.copyOf(restore.warnings());
        }
    }

    @Test
    void tables_without_transactions_have_their_rows_once_wherever_the_server_is_killed() throws IOException {
        for (String kind : kinds()) {
            String database = "unsafe_" + kind.toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "_");
            String content = fill(kind, database);
            try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve(database)), 1, database)) {
                BlobSetReader set = backup.complete();
                PartManifest part = set.database(set.manifest().databases().get(0)).tables().get(0).parts().get(0);
                for (long bytes : new long[] {part.plainBytes() / 2, Long.MAX_VALUE}) {
                    String name = database + (bytes == Long.MAX_VALUE ? "_end" : "_middle");
                    AtomicReference<Runnable> kill = new AtomicReference<>(this::kill);
                    try (MysqlRestoreRun restore = new MysqlRestoreRun(
                            server().engine(), server().endpoint(), new KillingSet(set, part.blob(), bytes, kill), database, name, false)) {
                        restore.attempt();
                        assertThat(kill.get()).isNull();
                        assertThatCode(restore::goOn).as(name).doesNotThrowAnyException();
                        assertThat(restore.differences()).as(name).isEmpty();
                        assertThat(restore.warnings()).as(name).isEmpty();
                    }
                    assertThat(content(name)).as(name).isEqualTo(content);
                }
            }
        }
    }

    @Test
    void a_server_that_is_killed_when_they_are_loaded_has_all_their_rows_or_the_restore_fails() throws IOException {
        for (String kind : kinds()) {
            String database = "lost_" + kind.toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "_");
            String content = fill(kind, database);
            try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve(database)), 1, database);
                    MysqlRestoreRun restore = server().restoring(backup.complete(), database, database + "_copy", false)) {
                restore.after("mysql.restore.data", database, this::kill);
                restore.attempt();
                if (kind.equals("MEMORY")) {
                    assertThatThrownBy(restore::goOn).hasMessageContaining("ROW_COUNT_MISMATCH");
                    server().sql("mysql", "DROP DATABASE " + restore.temporary());
                    continue;
                }
                assertThatCode(restore::goOn).as(kind).doesNotThrowAnyException();
                assertThat(restore.differences()).as(kind).isEmpty();
            }
            assertThat(content(database + "_copy")).as(kind).isEqualTo(content);
        }
    }

    private void kill() {
        server().instance().kill();
        server().instance().start(Duration.ofMinutes(1));
    }

    @Test
    void tables_that_were_emptied_by_an_attempt_that_was_killed_then_go_on_counting_where_they_should() throws IOException {
        for (String kind : kinds()) {
            if (kind.equals("ARCHIVE") || kind.equals("CSV")) {
                continue;
            }
            String database = "emptied_" + kind.toLowerCase(Locale.ROOT).replaceAll("[^a-z]+", "_");
            String content = fill(kind, database);
            try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve(database)), 1, database)) {
                BlobSetReader set = backup.complete();
                PartManifest part = set.database(set.manifest().databases().get(0)).tables().get(0).parts().get(0);
                AtomicReference<Runnable> kill = new AtomicReference<>(() -> {
                    throw new IllegalStateException("as when somebody unplugs it");
                });
                try (MysqlRestoreRun restore = new MysqlRestoreRun(
                        server().engine(), server().endpoint(), new KillingSet(set, part.blob(), part.plainBytes() / 2, kill), database,
                        database + "_copy", false)) {
                    restore.attempt();
                    assertThat(restore.problems()).hasSize(1);
                    server().sql(restore.temporary(), "TRUNCATE TABLE t");
                    assertThat(restore.goOn().differences()).isEmpty();
                }
            }
            assertThat(content(database + "_copy")).isEqualTo(content);
        }
    }
}
