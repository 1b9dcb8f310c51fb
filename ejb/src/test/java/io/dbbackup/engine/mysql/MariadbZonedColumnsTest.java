package io.dbbackup.engine.mysql;

import io.dbbackup.throwaway.MysqlInstance;
import java.io.IOException;
import java.util.Map;

/** MariaDB as this machine has it. */
class MariadbZonedColumnsTest extends ZonedColumnsContract {
    @Override
    TestServer open() throws IOException {
        return new TestServer(new MariadbEngine(), MysqlInstance.start(Map.of("log-bin", "binlog")));
    }

    @Override
    String homes() {
        return "/nowhere";
    }

    @Override
    String more() {
        return """
                CREATE TABLE history (id int AUTO_INCREMENT PRIMARY KEY, u int, at timestamp NOT NULL,
                    day date GENERATED ALWAYS AS (date(at)) STORED, UNIQUE (u, day, id)) WITH SYSTEM VERSIONING;
                CREATE TABLE ruled (u int, at timestamp NOT NULL, day date GENERATED ALWAYS AS (date(at)) STORED, CHECK (hour(at) <> 22));
                CREATE TABLE read_back (u int, at datetime NOT NULL, instant timestamp GENERATED ALWAYS AS (at) STORED,
                    seconds bigint GENERATED ALWAYS AS (unix_timestamp(at)) STORED);
                """;
    }
}
