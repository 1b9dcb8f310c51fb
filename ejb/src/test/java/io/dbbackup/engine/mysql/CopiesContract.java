package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.BackupSpec;
import io.dbbackup.spi.LogicalBackup;
import io.dbbackup.spi.RestoreSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Copies under other names work on each other, and whatever goes on to work on the original is named. */
abstract class CopiesContract extends FinishContract {
    /** The database {@code %1$s} names {@code %1$s_x} wherever a definition can, and {@code %1$s_out}. */
    private void fill(String name) {
        server().sql("mysql", """
                CREATE DATABASE %1$s; CREATE DATABASE %1$s_x; CREATE DATABASE %1$s_out; USE %1$s;
                CREATE TABLE %1$s_x.p (id int PRIMARY KEY); INSERT INTO %1$s_x.p VALUES (1);
                CREATE TABLE %1$s_x.log (id int);
                CREATE TABLE %1$s_out.q (id int PRIMARY KEY);
                CREATE FUNCTION %1$s_x.seven() RETURNS int DETERMINISTIC NO SQL RETURN 7;
                CREATE TABLE t (id int PRIMARY KEY, p int, o int, q int,
                    CONSTRAINT `a REFERENCES ``%1$s_x``.` FOREIGN KEY (p) REFERENCES %1$s_x.p (id) ON DELETE CASCADE,
                    CONSTRAINT own FOREIGN KEY (o) REFERENCES t (id), CONSTRAINT far FOREIGN KEY (q) REFERENCES %1$s_out.q (id));
                INSERT INTO t VALUES (1, 1, 1, NULL);
                CREATE FUNCTION own() RETURNS int READS SQL DATA RETURN (SELECT count(*) FROM %1$s . t);
                CREATE VIEW v AS SELECT t.id, p.id AS p, %1$s_x.seven() AS seven, '`%1$s_x`.`p`' AS constant
                    FROM %1$s.t JOIN %1$s_x.p ON t.p = p.id;
                CREATE VIEW alias AS SELECT %1$s_x.id FROM %1$s_x.p AS %1$s_x;
                CREATE VIEW plain AS SELECT id FROM t;
                CREATE TRIGGER tr AFTER INSERT ON t FOR EACH ROW INSERT INTO `%1$s_x`.log VALUES (NEW.id);
                CREATE TRIGGER harmless BEFORE INSERT ON t FOR EACH ROW SET NEW.q = NULL;
                CREATE PROCEDURE pr() DELETE FROM %1$s_out.q;
                CREATE EVENT e ON SCHEDULE EVERY 1 DAY STARTS '2037-01-01 00:00:00' DISABLE DO DELETE FROM %1$s_x.log;
                """.formatted(name));
        if (mariadb()) {
            server().sql(name, """
                    CREATE SEQUENCE %1$s_x.s; CREATE SEQUENCE s;
                    CREATE TABLE d (id int PRIMARY KEY, n bigint DEFAULT nextval(%1$s_x.s), o bigint DEFAULT nextval(s));
                    """.formatted(name));
        }
    }

    private MysqlRestoreRun copying(BlobSetReader set, Endpoint target, Map<String, String> names, RestoreSpec.Globals globals) {
        return new MysqlRestoreRun(server().engine(), target, set, new RestoreSpec(names, false, Set.of(), globals, true, true), true);
    }

    private MysqlRestoreRun copying(BlobSetReader set, Map<String, String> names) {
        return copying(set, server().endpoint(), names, RestoreSpec.Globals.NONE);
    }

    private String ask(String query) {
        return server().sql("mysql", query).strip();
    }

    private BlobSetReader set(String name) throws IOException {
        fill(name);
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve(name)), 2, name, name + "_x")) {
            return backup.complete();
        }
    }

    @Test
    void copies_of_one_run_refer_to_each_other_and_what_cannot_is_named() throws IOException {
        BlobSetReader set = set("pair");
        try (MysqlRestoreRun run = AfterDataContract.oneByOne(copying(set, Map.of("pair", "pair2", "pair_x", "pair_x2")), "pair", "pair_x")
                .complete()) {
            assertThat(run.differences()).isEmpty();
            assertThat(run.warnings()).singleElement().asString().startsWith("database \"pair2\": 6 definitions name")
                    .contains("foreign keys of table \"t\" (\"pair_out\")", "routine \"own\" (\"pair\", which is restored as \"pair2\")",
                            "routine \"pr\" (\"pair_out\")", "view \"alias\" (\"pair_x\", which is restored as \"pair_x2\")",
                            "trigger \"tr\" (\"pair_x\", which", "event \"e\" (\"pair_x\", which");
        }
        assertThat(ask("SELECT group_concat(DISTINCT referenced_table_schema ORDER BY 1) FROM information_schema.key_column_usage"
                + " WHERE table_schema = 'pair2' AND referenced_table_name IS NOT NULL")).isEqualTo("pair2,pair_out,pair_x2");
        assertThat(server().sql("pair2", "SHOW CREATE VIEW v")).contains("`pair_x2`.`p`", "`pair_x2`.`seven`()", "'`pair_x`.`p`'")
                .doesNotContain("`pair`.", ",`pair_x`.", "(`pair_x`.");
        server().sql("pair_x2", "INSERT INTO p VALUES (2); USE pair2; INSERT INTO t VALUES (2, 2, 1, NULL)");
        assertThat(ask("SELECT group_concat(id ORDER BY id) FROM pair2.v")).isEqualTo("1,2");
        server().sql("pair_x2", "DELETE FROM p WHERE id = 2");
        assertThat(ask("SELECT group_concat(id ORDER BY id) FROM pair2.v")).isEqualTo("1");
        // as the warning says
        assertThat(ask("SELECT id FROM pair_x.log")).isEqualTo("2");
        if (mariadb()) {
            assertThat(server().sql("pair2", "INSERT INTO d (id) VALUES (1); SHOW CREATE TABLE d")).contains("nextval(`pair_x2`.`s`)")
                    .contains("nextval(`pair2`.`s`)").doesNotContain("`pair_x`.");
        }
    }

    @Test
    void a_copy_of_one_database_is_told_what_works_on_the_databases_of_the_original() throws IOException {
        BlobSetReader set = set("alone");
        try (MysqlRestoreRun run = copying(set, Map.of("alone", "alone2")).complete()) {
            assertThat(run.differences()).isEmpty();
            assertThat(run.warnings()).singleElement().asString()
                    .startsWith("database \"alone2\": " + (mariadb() ? 8 : 7) + " definitions name")
                    .contains("foreign keys of table \"t\" (\"alone_x\", \"alone_out\")", "view \"v\" (\"alone_x\")", "trigger \"tr\" (\"alone_x\")")
                    .doesNotContain("harmless", "plain");
        }
        assertThat(server().sql("alone2", "SHOW CREATE VIEW v")).contains("`alone_x`.`p`").doesNotContain("`alone`.");
        try (MysqlRestoreRun run = copying(set, Map.of("alone_x", "alone_x2")).complete()) {
            assertThat(run.warnings()).isEmpty();
        }
        server().sql("mysql", "DROP DATABASE alone; DROP DATABASE alone2; DROP DATABASE alone_x");
        try (MysqlRestoreRun run = copying(set, Map.of("alone", "alone", "alone_x", "alone_x")).complete()) {
            assertThat(run.warnings()).isEmpty();
        }
    }

    @Test
    void databases_that_keep_their_names_are_not_tied_to_copies_and_what_names_the_other_is_named() throws IOException {
        BlobSetReader set = set("mixed");
        String referenced = "SELECT group_concat(DISTINCT referenced_table_schema ORDER BY 1) FROM information_schema.key_column_usage"
                + " WHERE table_schema = '%s' AND referenced_table_name IS NOT NULL";
        server().sql("mysql", "DROP DATABASE mixed");
        try (MysqlRestoreRun run = copying(set, Map.of("mixed", "mixed", "mixed_x", "mixed_x2")).complete()) {
            assertThat(run.differences()).isEmpty();
            assertThat(run.warnings()).singleElement().asString()
                    .startsWith("database \"mixed\": " + (mariadb() ? 6 : 5) + " definitions name")
                    .contains("foreign keys of table \"t\" (\"mixed_x\", which is restored as \"mixed_x2\")", "view \"v\" (\"mixed_x\", which",
                            "trigger \"tr\" (\"mixed_x\", which", "event \"e\" (\"mixed_x\", which")
                    .doesNotContain("mixed_out", "\"own\"");
        }
        assertThat(ask(referenced.formatted("mixed"))).isEqualTo("mixed,mixed_out,mixed_x");
        assertThat(server().sql("mixed", "SHOW CREATE VIEW v")).contains("`mixed_x`.`p`").doesNotContain("mixed_x2");
        if (mariadb()) {
            assertThat(server().sql("mixed", "SHOW CREATE TABLE d")).contains("nextval(`mixed_x`.`s`)");
        }
        server().sql("mysql", "DROP DATABASE mixed; DROP DATABASE mixed_x");
        try (MysqlRestoreRun run = copying(set, Map.of("mixed", "mixed2", "mixed_x", "mixed_x")).complete()) {
            assertThat(run.differences()).isEmpty();
            assertThat(run.warnings()).singleElement().asString()
                    .startsWith("database \"mixed2\": " + (mariadb() ? 8 : 7) + " definitions name")
                    .contains("foreign keys of table \"t\" (\"mixed_x\", \"mixed_out\")", "view \"v\" (\"mixed_x\")", "trigger \"tr\" (\"mixed_x\")",
                            "routine \"own\" (\"mixed\", which is restored as \"mixed2\")");
        }
        assertThat(ask(referenced.formatted("mixed2"))).isEqualTo("mixed2,mixed_out,mixed_x");
    }

    @Test
    void what_a_restore_needs_on_tables_of_other_databases_is_asked_for_before_anything_is_changed() throws IOException {
        BlobSetReader set = set("needy");
        server().sql("mysql", """
                SET GLOBAL log_bin_trust_function_creators = ON;
                CREATE USER needy@'127.0.0.1' IDENTIFIED BY 'needy';
                GRANT ALL ON `needy2`.* TO needy@'127.0.0.1'; GRANT ALL ON `dbbackup\\_restoring\\_%%`.* TO needy@'127.0.0.1';
                GRANT %s ON *.* TO needy@'127.0.0.1';
                """.formatted(mariadb() ? "SET USER" : "SET_USER_ID"));
        try {
            Endpoint needy = server().account("needy", Map.of());
            Map<String, String> names = Map.of("needy", "needy2");
            String onX = mariadb() ? "INSERT, REFERENCES, SELECT" : "REFERENCES";
            assertThatThrownBy(() -> copying(set, needy, names, RestoreSpec.Globals.NONE).attempt()).hasMessageContainingAll(
                    "DATABASE_PRIVILEGE_MISSING", "GRANT REFERENCES ON `needy\\_out`.* TO `needy`@`127.0.0.1`;",
                    "GRANT " + onX + " ON `needy\\_x`.* TO `needy`@`127.0.0.1`;");
            assertThat(ask("SHOW DATABASES LIKE 'needy2'")).isEmpty();
            // what is granted on the tables alone is enough
            server().sql("mysql", "GRANT REFERENCES ON needy_out.q TO needy@'127.0.0.1'; GRANT REFERENCES ON needy_x.p TO needy@'127.0.0.1';"
                    + (mariadb() ? "GRANT SELECT, INSERT ON needy_x.s TO needy@'127.0.0.1'" : ""));
            boolean everywhere = ask("SELECT version()").startsWith("11.4.5-");
            if (everywhere) {
                // wants them on the sequence itself and passes over those on its database (docs/mysql.md)
                server().sql("mysql", "GRANT SELECT, INSERT, ALTER ON *.* TO needy@'127.0.0.1'");
            }
            try (MysqlRestoreRun run = copying(set, needy, names, RestoreSpec.Globals.NONE).complete()) {
                assertThat(run.differences()).isEmpty();
                // who may read everything has it checked
                assertThat(run.warnings().stream().anyMatch(warning -> warning.contains("`far`") && warning.contains("could not be checked")
                        && warning.contains("SELECT c.* FROM `needy2`.`t`"))).isEqualTo(!everywhere);
            }
            assertThat(ask("SELECT count(*) FROM information_schema.referential_constraints WHERE constraint_schema = 'needy2'")).isEqualTo("3");
        } finally {
            server().sql("mysql", "SET GLOBAL log_bin_trust_function_creators = OFF");
        }
    }

    @Test
    void accounts_that_a_restore_of_some_databases_creates_are_named_and_whoever_cannot_see_them_is_refused() throws IOException {
        server().sql("mysql", "CREATE DATABASE some_one; CREATE TABLE some_one.t (id int PRIMARY KEY); CREATE DATABASE some_other;"
                + " CREATE USER somebody@localhost; CREATE USER some_restorer@'127.0.0.1' IDENTIFIED BY 'some_restorer';"
                + " GRANT ALL ON `some\\_%`.* TO some_restorer@'127.0.0.1'; GRANT ALL ON `dbbackup\\_restoring\\_%`.* TO some_restorer@'127.0.0.1'");
        List<String> others = ask("SHOW DATABASES").lines().filter(name -> !name.startsWith("some_")).toList();
        try (BackupRun backup = new BackupRun(
                server().engine(), server().endpoint(), new BackupSpec(List.of(), others, 1 << 20, true, true),
                Files.createDirectory(directory().resolve("some")), 2)) {
            BlobSetReader set = backup.complete();
            server().sql("mysql", "DROP USER somebody@localhost");
            Endpoint restorer = server().account("some_restorer", Map.of());
            assertThatThrownBy(() -> copying(set, restorer, Map.of("some_one", "some_two"), RestoreSpec.Globals.MISSING).attempt())
                    .hasMessageContainingAll("DATABASE_PRIVILEGE_MISSING", "GRANT SELECT ON `mysql`.* TO `some_restorer`@`127.0.0.1`;", "globals none");
            try (MysqlRestoreRun run = copying(set, Map.of("some_one", "some_two"), RestoreSpec.Globals.MISSING)) {
                run.complete();
                assertThat(run.warnings()).anyMatch(warning -> warning.contains("creates all accounts and roles of the set")
                        && warning.contains("`somebody`@`localhost`"));
                assertThat(run.labels()).anyMatch(label -> label.startsWith("look at accounts and roles; create `somebody`@`localhost`"));
            }
            server().sql("mysql", "DROP USER somebody@localhost");
            try (MysqlRestoreRun run = copying(set, Map.of("some_one", "some_three", "some_other", "some_four"), RestoreSpec.Globals.MISSING)) {
                run.complete();
                assertThat(run.warnings()).noneMatch(warning -> warning.contains("creates all accounts"));
                assertThat(run.labels()).anyMatch(label -> label.startsWith("look at accounts and roles; create `somebody`@`localhost`"));
            }
        }
        assertThat(ask("SELECT count(*) FROM mysql.user WHERE user = 'somebody'")).isEqualTo("1");
    }

    @Test
    void rows_without_parents_in_databases_that_are_not_restored_are_counted_and_those_of_sets_of_several_moments() throws IOException {
        server().sql("mysql", """
                CREATE DATABASE fk_shop; CREATE DATABASE fk_crm; CREATE DATABASE fk_else; USE fk_crm;
                CREATE TABLE p (a int, b int, PRIMARY KEY (a, b)); INSERT INTO p VALUES (1, 1), (2, 2), (3, 3), (4, 4);
                USE fk_shop; CREATE TABLE c (id int PRIMARY KEY, a int, b int, CONSTRAINT `to``p` FOREIGN KEY (a, b) REFERENCES fk_crm.p (a, b));
                INSERT INTO c VALUES (1, 1, 1), (2, 2, 2), (3, 3, 3), (4, 4, 4), (5, NULL, 9), (6, 9, NULL);
                CREATE TRIGGER tr AFTER INSERT ON c FOR EACH ROW DELETE FROM fk_crm.p WHERE a = NEW.id;
                CREATE TRIGGER harmless BEFORE INSERT ON c FOR EACH ROW SET NEW.b = 1;
                USE fk_else; CREATE TABLE e (id int PRIMARY KEY, a int, b int, CONSTRAINT far FOREIGN KEY (a, b) REFERENCES fk_crm.p (a, b));
                INSERT INTO e VALUES (1, 1, 1);
                SET foreign_key_checks = 0; INSERT INTO fk_shop.c VALUES (8, 8, 8);
                """);
        RestoreSpec.Globals none = RestoreSpec.Globals.NONE;
        try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("fk")), 2, "fk_shop", "fk_crm")) {
            BlobSetReader set = backup.complete();
            // rows of another time: 2 and 3 are gone, and the outside refers to a new one
            server().sql("fk_crm", "DELETE FROM fk_shop.c WHERE id IN (2, 3); DELETE FROM p WHERE a IN (2, 3); INSERT INTO p VALUES (7, 7);"
                    + " INSERT INTO fk_else.e VALUES (7, 7, 7)");
            try (MysqlRestoreRun run = new MysqlRestoreRun(server().engine(), server().endpoint(), set,
                    new RestoreSpec(Map.of("fk_shop", "fk_shop"), true, Set.of("fk_shop"), none, true, true), true).complete()) {
                assertThat(run.warnings()).singleElement().asString().startsWith("database \"fk_shop\": 3 rows of `fk_shop`.`c` refer by"
                        + " foreign key `to``p` to rows of `fk_crm`.`p` that are not there").contains("restore database \"fk_crm\"");
                String warning = run.warnings().iterator().next();
                assertThat(ask(warning.substring(warning.indexOf("SELECT c.*")))).isEqualTo("2\t2\t2\n3\t3\t3\n8\t8\t1");
            }
            server().sql("mysql", "DELETE FROM fk_shop.c WHERE id = 8");
            try (MysqlRestoreRun run = new MysqlRestoreRun(server().engine(), server().endpoint(), set,
                    new RestoreSpec(Map.of("fk_crm", "fk_crm"), true, Set.of("fk_crm"), none, true, true), true).complete()) {
                assertThat(run.warnings()).singleElement().asString()
                        .startsWith("database \"fk_crm\": 1 row of `fk_else`.`e` refers by foreign key `far` to rows of `fk_crm`.`p` that are not there")
                        .contains("restore database \"fk_else\"");
            }
            server().sql("mysql", "DELETE FROM fk_else.e WHERE id = 7");
            try (MysqlRestoreRun run = new MysqlRestoreRun(server().engine(), server().endpoint(), set, new RestoreSpec(
                    Map.of("fk_crm", "fk_crm", "fk_shop", "fk_shop"), true, Set.of("fk_crm", "fk_shop"), none, true, true), true)) {
                // two that are replaced at once may be in each other's way, which the product tries again
                run.attempt();
                assertThat(run.problems().values()).allMatch(problem -> problem.code() == ErrorCode.DATABASE_TABLE_LOCKED);
                run.goOn();
                // whose databases may be of several moments
                assertThat(set.manifest().consistency()).isEqualTo(LogicalBackup.PER_DATABASE);
                assertThat(run.warnings()).singleElement().asString().startsWith("database \"fk_shop\": 1 row of `fk_shop`.`c`")
                        .doesNotContain("restore database");
            }
            server().sql("mysql", "DROP DATABASE fk_shop; DROP DATABASE fk_else; DROP DATABASE fk_crm");
            try (MysqlRestoreRun run = copying(set, Map.of("fk_shop", "fk_shop")).complete()) {
                assertThat(run.warnings()).satisfiesExactlyInAnyOrder(
                        orphans -> assertThat(orphans).startsWith("database \"fk_shop\": 5 rows of `fk_shop`.`c` refer")
                                .contains("there is no such table"),
                        named -> assertThat(named).startsWith("database \"fk_shop\": 1 definition names, or seems to name, ").contains("that are not on",
                                "trigger \"tr\" (\"fk_crm\")").doesNotContain("harmless"));
            }
        }
    }

    private MysqlRestoreRun copying(BlobSetReader set, Map<String, String> names, RestoreSpec.Globals globals) {
        return copying(set, server().endpoint(), names, globals);
    }
}
