package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.postgresql.BackupRun;
import io.dbbackup.model.Endpoint;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.BackupSpec;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.throwaway.MysqlInstance;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Accounts, roles and privileges of a MariaDB, judged by what the server says to the stock client. */
class MariadbAccountsTest {
    private static final String ACCOUNTS = """
            CREATE DATABASE app;
            USE app;
            CREATE TABLE t (id int PRIMARY KEY, `a TO b` int);
            INSERT INTO t VALUES (1, 2);
            CREATE PROCEDURE p() SELECT 1;
            CREATE ROLE reader;
            CREATE ROLE `odd ``role` WITH ADMIN root@'127.0.0.1';
            CREATE USER `o'brien`@`10.%` IDENTIFIED BY 's3cr\\\\et' REQUIRE SSL WITH MAX_USER_CONNECTIONS 3 ACCOUNT LOCK;
            CREATE USER two@localhost IDENTIFIED VIA mysql_native_password USING PASSWORD('x') OR unix_socket;
            CREATE USER ''@'%' IDENTIFIED BY 'nobody';
            GRANT SELECT ON app.t TO reader;
            GRANT reader TO `odd ``role`;
            GRANT `odd ``role` TO `o'brien`@`10.%` WITH ADMIN OPTION;
            GRANT reader TO two@localhost;
            SET DEFAULT ROLE reader FOR two@localhost;
            GRANT RELOAD, PROCESS ON *.* TO two@localhost WITH GRANT OPTION;
            GRANT ALL ON `app\\_%`.* TO two@localhost;
            GRANT SELECT (`a TO b`), UPDATE (id) ON app.t TO `o'brien`@`10.%`;
            GRANT EXECUTE ON PROCEDURE app.p TO `o'brien`@`10.%`;
            GRANT SELECT ON app.* TO PUBLIC;
            """;
    private static final String DROP = """
            DROP DATABASE app;
            DROP USER `o'brien`@`10.%`, two@localhost, ''@'%';
            DROP ROLE reader, `odd ``role`;
            REVOKE SELECT ON app.* FROM PUBLIC;
            """;

    private final MysqlInstance server = MysqlInstance.start();

    @TempDir
    private Path directory;

    @BeforeEach
    void fill() {
        server.sql("mysql", ACCOUNTS);
    }

    @AfterEach
    void stop() {
        server.close();
    }

    private Endpoint endpoint() {
        return new Endpoint(
                "test", "mariadb", server.host(), server.port(), server.user(), () -> Optional.of(server.password()), "",
                Map.of());
    }

    private String accounts() {
        return server.sql("mysql", """
                SHOW CREATE USER `o'brien`@`10.%`; SHOW CREATE USER two@localhost; SHOW CREATE USER ''@'%';
                SHOW GRANTS FOR `o'brien`@`10.%`; SHOW GRANTS FOR two@localhost; SHOW GRANTS FOR ''@'%';
                SHOW GRANTS FOR reader; SHOW GRANTS FOR `odd ``role`; SHOW GRANTS FOR PUBLIC;
                """);
    }

    private void restore(BlobSetReader set, RestoreSpec.Globals globals, boolean clean) {
        RestoreSpec spec = new RestoreSpec(
                Map.of("app", "app"), clean, clean ? Set.of("app") : Set.of(), globals, true, true);
        try (MysqlRestoreRun restore =
                new MysqlRestoreRun(new MariadbEngine(), endpoint(), set, spec, true).complete()) {
            assertThat(restore.differences()).isEmpty();
            // who may not act for everybody cannot let others do so, as the server's own root accounts may
            assertThat(restore.warnings()).allMatch(warning -> globals == RestoreSpec.Globals.ALL && warning.contains("`root`@"));
        }
    }

    @Test
    void accounts_that_the_server_keeps_and_does_not_know_are_named() {
        server.sql("mysql", "CREATE USER far@'db.example.org' IDENTIFIED BY 'x'; FLUSH PRIVILEGES");
        try (BackupRun backup = new BackupRun(
                new MariadbEngine(), endpoint(), new BackupSpec(List.of(), List.of(), 1 << 20, true, true), directory, 2)) {
            backup.complete();
            assertThat(backup.warnings())
                    .anyMatch(warning -> warning.contains("`far`@`db.example.org`") && warning.contains("skip_name_resolve"));
        }
    }

    @Test
    void accounts_come_back_with_their_passwords_and_privileges_and_existing_ones_stay_unless_asked_for() {
        String before = accounts();
        try (BackupRun backup = new BackupRun(
                new MariadbEngine(), endpoint(), new BackupSpec(List.of(), List.of(), 1 << 20, true, true), directory, 2)) {
            BlobSetReader set = backup.complete();
            // mariadb-install-db makes root@HOSTNAME, which a server without name resolution does not know
            assertThat(backup.warnings()).allMatch(warning -> warning.contains("skip_name_resolve"));
            assertThat(set.manifest().globals()).isPresent();
            server.sql("mysql", DROP);
            restore(set, RestoreSpec.Globals.MISSING, false);
            assertThat(accounts()).isEqualTo(before);

            server.sql("mysql", "REVOKE RELOAD ON *.* FROM two@localhost; ALTER USER ''@'%' IDENTIFIED BY 'changed'");
            String changed = accounts();
            restore(set, RestoreSpec.Globals.MISSING, true);
            assertThat(accounts()).isEqualTo(changed).isNotEqualTo(before);
            restore(set, RestoreSpec.Globals.ALL, true);
            assertThat(accounts()).isEqualTo(before);
        }
    }

    @Test
    void without_passwords_accounts_come_back_locked() {
        try (BackupRun backup = new BackupRun(
                new MariadbEngine(), endpoint(), new BackupSpec(List.of(), List.of(), 1 << 20, false, true), directory, 2)) {
            BlobSetReader set = backup.complete();
            server.sql("mysql", DROP);
            restore(set, RestoreSpec.Globals.MISSING, false);
        }
        assertThat(server.sql("mysql", "SHOW CREATE USER two@localhost")).contains("ACCOUNT LOCK").doesNotContain("*");
        assertThat(server.sql("mysql", "SHOW GRANTS FOR two@localhost")).contains("GRANT RELOAD, PROCESS ON *.*");
    }
}
