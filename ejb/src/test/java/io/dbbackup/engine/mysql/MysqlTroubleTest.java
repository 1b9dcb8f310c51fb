package io.dbbackup.engine.mysql;

import io.dbbackup.throwaway.ServerArchive;
import java.io.IOException;
import org.junit.jupiter.api.AfterAll;

/** MySQL 8.0.12. */
class MysqlTroubleTest extends TroubleContract {
    private ServerArchive archive;

    @Override
    TestServer open() throws IOException, InterruptedException {
        archive = ServerArchive.mysql80();
        return new TestServer(new MysqlEngine(), archive.start(MysqlRoundTripTest.SETTINGS));
    }

    @AfterAll
    void delete() throws IOException {
        archive.close();
    }
}
