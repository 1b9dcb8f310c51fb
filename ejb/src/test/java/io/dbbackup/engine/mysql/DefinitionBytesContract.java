package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.service.set.BlobSetReader;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/** Definitions hold texts that are not in the character set of whoever reads and writes them: they come back with their very bytes. */
abstract class DefinitionBytesContract extends SilentChangesContract {
    final boolean mariadb() {
        return server().engine().type().equals("mariadb");
    }

    /** Restores a database as {@code …_copy}, and its definitions by the stock client as {@code …_hand}; returns all three names. */
    private List<String> copies(String database, String... warnings) throws IOException {
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve(database)), 1, database)) {
            BlobSetReader set = backup.complete();
            assertThat(backup.warnings()).isEmpty();
            DatabaseManifest manifest = set.database(set.manifest().databases().get(0));
            String hand = database + "_hand";
            server().sql("mysql", "CREATE DATABASE " + hand + " " + manifest.properties().get("options").asText());
            server().instance().sql(hand, ByHand.plain(set, manifest, manifest.schemaBlob()));
            server().instance().sql(hand, ByHand.plain(set, manifest, manifest.afterDataBlob().orElseThrow()));
            try (MysqlRestoreRun restore = server().restoring(set, database, database + "_copy", true).complete()) {
                assertThat(restore.differences()).isEmpty();
                assertThat(restore.warnings()).hasSize(warnings.length);
                for (String warning : warnings) {
                    assertThat(restore.warnings()).anyMatch(given -> given.contains(warning));
                }
            }
        }
        return List.of(database, database + "_copy", database + "_hand");
    }

    @Test
    void constants_of_bytes_that_are_no_utf8_come_back_in_every_place_of_a_table() throws IOException {
        List<String> columns = new ArrayList<>(List.of(
                "f binary(4) NOT NULL DEFAULT 0xFFFEFDFC", "v varbinary(100) DEFAULT 0x80FF",
                "quoted varbinary(20) NOT NULL DEFAULT 0x002761275C0A0D1A22C3A4FF5C", "padded binary(4) DEFAULT 0xFF",
                "`DEFAULT 'x` varbinary(9) DEFAULT 0xC3 COMMENT ' DEFAULT ''ÿ''\\n\\\\'", "zeros binary(4) DEFAULT ''",
                "text varbinary(9) DEFAULT 'ä🙈'", "plain char(3) CHARACTER SET latin1 DEFAULT 0xFF", "bits bit(12) DEFAULT b'100000000001'"));
        columns.addAll(mariadb()
                ? List.of("b blob DEFAULT 0xFF27", "e varbinary(9) DEFAULT (concat('a', 0xFF, 'ä'))", "c varbinary(9) COMPRESSED DEFAULT 0xFE",
                        "member enum('a', 'b') CHARACTER SET binary DEFAULT 'b'")
                : List.of("g varbinary(9) AS (concat(_binary 0xFF275C0A, _binary 'ä')) STORED",
                        "l varchar(9) AS (concat(_latin1 0xE4FF, 'ÿ')) STORED"));
        server().sql("mysql", "CREATE DATABASE bytes CHARACTER SET utf8mb4; USE bytes; CREATE TABLE t (id int PRIMARY KEY, "
                + String.join(", ", columns) + ") COMMENT 'ä''ÿ'; INSERT INTO t (id) VALUES (1)");
        String names = server().sql("bytes", "SELECT concat('hex(`', column_name, '`)') FROM information_schema.columns"
                + " WHERE table_schema = 'bytes' ORDER BY ordinal_position").lines().collect(Collectors.joining(", "));
        String values = "INSERT INTO t (id) VALUES (2); SELECT " + names + " FROM t WHERE id = 2";
        List<String> all = copies("bytes");
        String original = server().sql("bytes", values);
        assertThat(original).startsWith("2\tFFFEFDFC\t80FF\t002761275C0A0D1A22C3A4FF5C\tFF000000\tC3\t00000000\tC3A4F09F9988\tFF\t801\t")
                .contains(mariadb() ? "\tFF27\t61FFC3A4\tFE\t62" : "\tFF275C0AC3A4\tC3A4C3BFC3BF");
        for (String copy : all.subList(1, 3)) {
            assertThat(server().sql(copy, values)).as(copy).isEqualTo(original);
            assertThat(server().text().definitions(copy)).as(copy).isEqualTo(server().text().definitions("bytes"));
        }
    }

    @Test
    void the_comment_of_a_database_survives_objects_of_other_collations_and_clients() throws IOException {
        // only MariaDB's databases have comments
        String comment = mariadb() ? " COMMENT 'Bücher, ''книги'' \\\\ \\n誠'" : "";
        server().sql("mysql", "CREATE DATABASE library CHARACTER SET latin1 COLLATE latin1_german2_ci" + comment);
        for (String client : List.of("gbk", "latin1")) {
            server().instance().sql("library", ("SET NAMES " + client + "; SET SESSION sql_mode = 'NO_BACKSLASH_ESCAPES,ANSI_QUOTES';"
                    + " CREATE FUNCTION f_" + client + "(p varchar(9)) RETURNS int DETERMINISTIC RETURN 1")
                    .getBytes(StandardCharsets.US_ASCII));
        }
        server().sql("library", "ALTER DATABASE CHARACTER SET utf8mb4 COLLATE utf8mb4_bin");
        String said = "SELECT default_character_set_name, default_collation_name" + (mariadb() ? ", hex(schema_comment)" : "")
                + " FROM information_schema.schemata WHERE schema_name = database()";
        String original = server().sql("library", said);
        assertThat(original).startsWith("utf8mb4\tutf8mb4_bin").contains(mariadb()
                ? "\t42C3BC636865722C2027D0BAD0BDD0B8D0B3D0B827205C200AE8AAA0" : "");
        for (String copy : copies("library").subList(1, 3)) {
            assertThat(server().sql(copy, said)).as(copy).isEqualTo(original);
            assertThat(server().text().definitions(copy)).as(copy).isEqualTo(server().text().definitions("library"));
        }
    }

    @Test
    void tables_that_an_older_version_has_stored_damaged_are_named_when_they_are_restored() throws IOException {
        server().sql("mysql", "CREATE DATABASE damaged CHARACTER SET utf8mb4;"
                + " CREATE TABLE damaged.harmed (id int PRIMARY KEY, v varchar(9) DEFAULT '\uFFFD'); CREATE TABLE damaged.whole (id int PRIMARY KEY)");
        copies("damaged", "table \"harmed\"");
    }
}
