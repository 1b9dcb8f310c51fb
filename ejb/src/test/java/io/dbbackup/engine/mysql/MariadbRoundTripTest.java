package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.throwaway.MysqlInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;

/** MariaDB as this machine has it. */
class MariadbRoundTripTest extends CopiesContract {
    static final Map<String, String> SETTINGS = Map.of("log-bin", "binlog", "max-allowed-packet", "64M");

    @Override
    TestServer open() throws IOException {
        return new TestServer(new MariadbEngine(), MysqlInstance.start(SETTINGS));
    }

    @Override
    void compareMore(String copy, String original) {
        requireHistoryAndSequence(server(), copy, original);
    }

    static void requireHistoryAndSequence(TestServer server, String copy, String original) {
        String history = "SELECT id, price, row_start, row_end FROM prices FOR SYSTEM_TIME ALL ORDER BY id, row_start";
        assertThat(server.sql(copy, history)).isEqualTo(server.sql(original, history)).hasLineCount(4);
        assertThat(server.sql(copy, "SELECT nextval(numbers)"))
                .isEqualTo(server.sql(original, "SELECT next_not_cached_value FROM numbers"));
    }

    @Test
    void a_backup_while_others_write_is_one_instant_with_the_lock_and_without_the_right_to_lock() throws Exception {
        try (Bank bank = new Bank(server(), Duration.ZERO)) {
            server().sql("mysql", """
                    CREATE USER humble@'127.0.0.1' IDENTIFIED BY 'humble';
                    GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, BINLOG MONITOR ON *.* TO humble@'127.0.0.1';
                    """);
            bank.backUp(server().endpoint(), "lock", directory());
            bank.backUp(server().account("humble", Map.of()), "binlog", directory());
        }
    }

    @Test
    void a_server_that_insists_on_primary_keys_is_refused_where_tables_have_none() throws IOException {
        server().sql("mysql", """
                CREATE DATABASE keyless; USE keyless;
                CREATE TABLE bare (id int, v varchar(30) DEFAULT 'PRIMARY KEY (`id`)', KEY (id)); INSERT INTO bare VALUES (1, 'x');
                CREATE TABLE nulls (id int, UNIQUE KEY (id)); CREATE TABLE uniq (id int NOT NULL, UNIQUE KEY (id)); CREATE TABLE other (id int) ENGINE = Aria;
                CREATE DATABASE keyed; CREATE TABLE keyed.t (id int PRIMARY KEY); CREATE TABLE keyed.aria (id int) ENGINE = Aria;
                CREATE TABLE keyed.uniq (id int NOT NULL, v int, UNIQUE KEY (v), UNIQUE KEY (id));
                """);
        try (BackupRun bare = server().backup(Files.createDirectory(directory().resolve("keyless")), 1, "keyless");
                BackupRun good = server().backup(Files.createDirectory(directory().resolve("keyed")), 1, "keyed")) {
            BlobSetReader keyless = bare.complete();
            BlobSetReader keyed = good.complete();
            server().sql("mysql", "SET GLOBAL innodb_force_primary_key = ON");
            assertThatThrownBy(() -> server().restore(keyless, "keyless", "keyless_copy"))
                    .hasMessageContainingAll("DATABASE_WRONG", "`keyless_copy`.`bare`, `keyless_copy`.`nulls`", "SET GLOBAL innodb_force_primary_key = OFF")
                    .hasMessageNotContainingAny("other", "uniq");
            server().restore(keyed, "keyed", "keyed_copy");
            server().requireEqual("keyed_copy", "keyed");
        } finally {
            server().sql("mysql", "SET GLOBAL innodb_force_primary_key = OFF");
        }
    }

    @Test
    void keys_that_are_built_by_copying_the_table_take_rows_that_break_a_check_also_by_hand() throws IOException {
        server().sql("mysql", """
                CREATE DATABASE unruly; USE unruly;
                CREATE TABLE t (id int PRIMARY KEY, word text, v int CHECK (v > 0), UNIQUE KEY (word), FULLTEXT KEY f (word));
                SET SESSION check_constraint_checks = 0;
                INSERT INTO t VALUES (1, 'one', -1), (2, 'two', 2);
                """);
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("unruly")), 1, "unruly")) {
            BlobSetReader set = backup.complete();
            // sessions that insert are not used again: the keys are built by another one
            server().takes(TestServer.Loading.INSERT);
            server().restore(set, "unruly", "unruly_copy");
            server().takes(TestServer.Loading.MANY_AT_A_TIME);
            ByHand.restore(server(), set, "unruly_hand");
        } finally {
            server().takes(TestServer.Loading.MANY_AT_A_TIME);
        }
        server().requireEqual("unruly_copy", "unruly");
        server().requireEqual("unruly_hand", "unruly");
    }

    @Test
    void members_of_bytes_that_show_create_does_not_show_are_named_in_a_warning() throws IOException {
        server().sql("mysql", """
                CREATE DATABASE members;
                CREATE TABLE members.t (id int PRIMARY KEY, e enum(0xFE, 0xFF41) CHARACTER SET binary DEFAULT 0xFE,
                    whole set('a', 'b') CHARACTER SET binary, v varbinary(9) DEFAULT '?');
                """);
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("members")), 1, "members")) {
            backup.complete();
            assertThat(backup.warnings()).singleElement().asString().contains("in the set: perhaps members of e.");
        }
    }

    @Test
    void a_collation_that_the_target_does_not_know_is_said_before_anything_is_written() throws IOException {
        Path charsets = Files.createTempDirectory("charsets");
        try {
            // the server may run as another user
            Files.setPosixFilePermissions(charsets, PosixFilePermissions.fromString("rwxr-xr-x"));
            try (MysqlInstance source = MysqlInstance.start(Map.of("character-sets-dir", charsets(charsets)))) {
                TestServer other = new TestServer(new MariadbEngine(), source);
                other.sql("mysql", """
                        CREATE DATABASE phones;
                        CREATE TABLE phones.t (phone varchar(20) CHARACTER SET utf8mb4 COLLATE utf8mb4_phone_ci PRIMARY KEY);
                        INSERT INTO phones.t VALUES ('1-2'), ('34');
                        """);
                try (BackupRun backup = other.backup(directory(), 1, "phones")) {
                    BlobSetReader set = backup.complete();
                    assertThatThrownBy(() -> server().restore(set, "phones", "phones"))
                            .hasMessageContaining("DATABASE_LOCALE_MISSING").hasMessageContaining("utf8mb4_phone_ci");
                    other.restore(set, "phones", "phones_copy");
                }
            }
        } finally {
            Files.delete(charsets.resolve("Index.xml"));
            Files.delete(charsets);
        }
        assertThat(server().sql("mysql", "SHOW DATABASES LIKE 'phones'")).isEmpty();
    }

    /** As the manual adds a collation: one in which hyphens and blanks do not count. */
    private static String charsets(Path directory) throws IOException {
        Files.writeString(directory.resolve("Index.xml"), """
                <charsets><charset name="utf8mb4"><collation name="utf8mb4_phone_ci" id="1029"><rules>
                <reset>\\u0000</reset><i>\\u0020</i><i>\\u002D</i>
                </rules></collation></charset></charsets>
                """);
        return directory.toString();
    }
}
