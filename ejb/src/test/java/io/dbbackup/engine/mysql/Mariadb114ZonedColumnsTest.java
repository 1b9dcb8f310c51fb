package io.dbbackup.engine.mysql;

import io.dbbackup.throwaway.ServerArchive;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** MariaDB 11.4. */
@EnabledIfSystemProperty(named = "dbbackup.tests", matches = "full")
class Mariadb114ZonedColumnsTest extends MariadbZonedColumnsTest {
    private ServerArchive archive;

    @Override
    TestServer open() throws IOException {
        archive = ServerArchive.mariadb114();
        return new TestServer(new MariadbEngine(), archive.start(Map.of("log-bin", "binlog")));
    }

    @AfterAll
    void delete() throws IOException {
        archive.close();
    }

    @Override
    String homes() {
        return archive.home().toString();
    }
}
