package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.throwaway.MysqlInstance;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A MariaDB as it comes: without a binary log. */
class MariadbWithoutLogTest {
    @TempDir
    private Path directory;

    @Test
    void an_account_that_may_not_ask_for_the_place_in_the_log_backs_up_where_there_is_none() {
        try (MysqlInstance instance = MysqlInstance.start()) {
            TestServer server = new TestServer(new MariadbEngine(), instance);
            server.sql("mysql", """
                    CREATE DATABASE shop; CREATE TABLE shop.t (id int PRIMARY KEY); INSERT INTO shop.t VALUES (1), (2);
                    CREATE USER modest@'127.0.0.1' IDENTIFIED BY 'modest';
                    GRANT SELECT, SHOW VIEW, TRIGGER, EVENT, RELOAD ON *.* TO modest@'127.0.0.1';
                    """);
            try (BackupRun backup = server.backup(server.account("modest", Map.of("sslMode", "DISABLED")), directory, "shop")) {
                assertThat(backup.complete().manifest().rows()).isEqualTo(2);
            }
        }
    }
}
