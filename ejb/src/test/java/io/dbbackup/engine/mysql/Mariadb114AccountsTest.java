package io.dbbackup.engine.mysql;

import io.dbbackup.throwaway.MysqlInstance;
import io.dbbackup.throwaway.ServerArchive;
import java.io.IOException;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.condition.EnabledIfSystemProperty;

/** The same of MariaDB 11.4.5, which writes some of it in another way. */
@EnabledIfSystemProperty(named = "dbbackup.tests", matches = "full")
class Mariadb114AccountsTest extends MariadbAccountsTest {
    private static ServerArchive archive;

    @BeforeAll
    static void unpack() throws IOException {
        archive = ServerArchive.mariadb114();
    }

    @AfterAll
    static void delete() throws IOException {
        archive.close();
    }

    @Override
    MysqlInstance open() {
        return archive.start(Map.of());
    }
}
