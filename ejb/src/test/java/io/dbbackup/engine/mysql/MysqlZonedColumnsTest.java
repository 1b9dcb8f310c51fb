package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.throwaway.ServerArchive;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** MySQL 8.0.12. */
class MysqlZonedColumnsTest extends ZonedColumnsContract {
    private ServerArchive archive;

    @Override
    TestServer open() throws IOException, InterruptedException {
        archive = ServerArchive.mysql80();
        return new TestServer(new MysqlEngine(), archive.start(Map.of("log-bin", "binlog")));
    }

    @AfterAll
    void delete() throws IOException {
        archive.close();
    }

    @Override
    String homes() {
        return archive.home().toString();
    }

    @Override
    String more() {
        return """
                CREATE TABLE daily (u int NOT NULL, at timestamp NOT NULL, day date GENERATED ALWAYS AS (date(at)) STORED NOT NULL,
                    PRIMARY KEY (u, day));
                CREATE TABLE split (id int AUTO_INCREMENT, u int, at timestamp NOT NULL,
                    day date GENERATED ALWAYS AS (date(at)) STORED NOT NULL, PRIMARY KEY (id, day))
                    PARTITION BY RANGE COLUMNS (day) (PARTITION a VALUES LESS THAN ('2024-01-02'), PARTITION b VALUES LESS THAN (MAXVALUE));
                CREATE TABLE clustered (u int NOT NULL, at timestamp NOT NULL, day date GENERATED ALWAYS AS (date(at)) VIRTUAL,
                    n int GENERATED ALWAYS AS (to_days(day)) STORED NOT NULL, UNIQUE (u, n), KEY (day));
                CREATE TABLE read_back (u int, at datetime NOT NULL, instant timestamp GENERATED ALWAYS AS (at) STORED,
                    since datetime GENERATED ALWAYS AS (from_unixtime(u)) STORED);
                CREATE TABLE document (id int AUTO_INCREMENT PRIMARY KEY, u int, at timestamp NOT NULL,
                    j json GENERATED ALWAYS AS (json_object('at', at)) STORED, f double GENERATED ALWAYS AS (at / 7) STORED);
                """;
    }

    /** As with sql_generate_invisible_primary_key, which 8.0.12 does not have. */
    @Test
    void a_primary_key_that_the_server_has_made_is_not_taken_for_the_one_that_waits() throws IOException {
        fill("hidden", "CREATE TABLE daily (u int NOT NULL, at timestamp NOT NULL,"
                + " day date GENERATED ALWAYS AS (date(at)) STORED NOT NULL, PRIMARY KEY (u, day));", "+01:00");
        try (BackupRun backup = backup(endpoint("+01:00"), "hidden");
                MysqlRestoreRun restore = restore(server.endpoint(), backup.complete(), "hidden", "hidden_copy")) {
            restore.after("mysql.restore.schema", "hidden", () -> server.sql(
                            restore.temporary(), "ALTER TABLE daily ADD my_row_id bigint AUTO_INCREMENT PRIMARY KEY"))
                    .attempt();
            assertThat(restore.problems().values()).anySatisfy(problem -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.DATABASE_STATEMENT_FAILED);
                assertThat(problem.cause()).contains("Multiple primary key");
            });
            server.sql("mysql", "DROP DATABASE " + restore.temporary());
        }
    }
}
