package io.dbbackup.engine.mysql;

import io.dbbackup.throwaway.ServerArchive;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** MariaDB 11.4 through all that MariaDB goes through; what takes the least of that is in {@link Mariadb114Test}, in every run. */
@EnabledIfSystemProperty(named = "dbbackup.tests", matches = "full")
class Mariadb114RoundTripTest extends MariadbRoundTripTest {
    private ServerArchive archive;

    @Override
    TestServer open() throws IOException {
        archive = ServerArchive.mariadb114();
        return new TestServer(new MariadbEngine(), archive.start(SETTINGS));
    }

    @AfterAll
    void delete() throws IOException {
        archive.close();
    }
}
