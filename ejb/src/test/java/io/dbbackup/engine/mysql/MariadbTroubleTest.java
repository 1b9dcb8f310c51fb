package io.dbbackup.engine.mysql;

import io.dbbackup.throwaway.MysqlInstance;

/** MariaDB as this machine has it. */
class MariadbTroubleTest extends TroubleContract {
    @Override
    TestServer open() {
        return new TestServer(new MariadbEngine(), MysqlInstance.start(MariadbRoundTripTest.SETTINGS));
    }
}
