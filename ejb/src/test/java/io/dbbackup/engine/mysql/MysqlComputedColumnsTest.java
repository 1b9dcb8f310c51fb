package io.dbbackup.engine.mysql;

import io.dbbackup.throwaway.ServerArchive;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;

/** MySQL 8.0.12. */
class MysqlComputedColumnsTest extends ComputedColumnsContract {
    private ServerArchive archive;

    @Override
    TestServer open() throws IOException, InterruptedException {
        archive = ServerArchive.mysql80();
        return new TestServer(new MysqlEngine(), archive.start(Map.of("log-bin", "binlog", "local-infile", "ON")));
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
    List<String> settings() {
        return List.of("SET GLOBAL div_precision_increment = 10, GLOBAL lc_time_names = 'fi_FI', GLOBAL block_encryption_mode = 'aes-256-ecb',"
                        + " GLOBAL sql_mode = 'NO_UNSIGNED_SUBTRACTION,PAD_CHAR_TO_FULL_LENGTH,TIME_TRUNCATE_FRACTIONAL'",
                "SET GLOBAL div_precision_increment = DEFAULT, GLOBAL lc_time_names = 'en_US', GLOBAL block_encryption_mode = DEFAULT,"
                        + " GLOBAL sql_mode = DEFAULT");
    }

    @Override
    String more() {
        return """
                CREATE TABLE named (id int PRIMARY KEY, d date, g varchar(40) AS (monthname(d)) STORED);
                INSERT INTO named (id, d) VALUES (1, '2024-03-01');
                CREATE TABLE hidden (id int PRIMARY KEY, s varchar(20), g varbinary(100) AS (aes_encrypt(s, 'k')) STORED);
                INSERT INTO hidden (id, s) VALUES (1, 'abc');
                CREATE TABLE padded (id int PRIMARY KEY, s char(5), g varchar(20) AS (concat(s, 'x')) STORED);
                INSERT INTO padded (id, s) VALUES (1, 'ab');
                CREATE TABLE cut (id int PRIMARY KEY, at datetime(6), g datetime AS (at) STORED);
                INSERT INTO cut (id, at) VALUES (1, '2024-01-01 10:10:10.9');
                """;
    }
}
