package io.dbbackup.engine.mysql;

import io.dbbackup.throwaway.MysqlInstance;
import java.io.IOException;
import java.util.List;
import java.util.Map;

/** MariaDB as this machine has it. */
class MariadbComputedColumnsTest extends ComputedColumnsContract {
    @Override
    TestServer open() throws IOException {
        return new TestServer(new MariadbEngine(), MysqlInstance.start(Map.of("log-bin", "binlog")));
    }

    @Override
    String homes() {
        return "/nowhere";
    }

    @Override
    List<String> settings() {
        return List.of("SET GLOBAL div_precision_increment = 10, GLOBAL default_regex_flags = 'DOTALL', GLOBAL sql_mode = 'NO_UNSIGNED_SUBTRACTION'",
                "SET GLOBAL div_precision_increment = DEFAULT, GLOBAL default_regex_flags = DEFAULT, GLOBAL sql_mode = DEFAULT");
    }

    @Override
    String more() {
        return """
                CREATE TABLE matching (id int PRIMARY KEY, s varchar(20), g int AS (s REGEXP 'A.b') STORED);
                INSERT INTO matching (id, s) VALUES (1, 'a\\nb');
                CREATE TABLE history (id int PRIMARY KEY, a int, b int, g decimal(20,10) AS (a / b) STORED) WITH SYSTEM VERSIONING;
                INSERT INTO history (id, a, b) VALUES (1, 1, 3); UPDATE history SET b = 7;
                """;
    }
}
