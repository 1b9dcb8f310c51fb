package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.throwaway.MysqlInstance;
import io.dbbackup.throwaway.ServerArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** MariaDB 11.4 as source and target, and the way to it from the release that this machine has. */
class Mariadb114Test extends RangesContract {
    private ServerArchive archive;

    @Override
    TestServer open() throws IOException {
        archive = ServerArchive.mariadb114();
        // its TLS takes seconds to make a key and a tenth of one to shake hands; the full run has it
        Map<String, String> settings = new HashMap<>(MariadbRoundTripTest.SETTINGS);
        settings.put("ssl", "0");
        return new TestServer(new MariadbEngine(), archive.start(settings));
    }

    @AfterAll
    void delete() throws IOException {
        archive.close();
    }

    @Override
    void compareMore(String copy, String original) {
        MariadbRoundTripTest.requireHistoryAndSequence(server(), copy, original);
    }

    @Test
    void a_set_of_an_older_release_is_taken_and_one_of_a_newer_release_is_not() throws IOException {
        try (MysqlInstance older = MysqlInstance.start(MariadbRoundTripTest.SETTINGS)) {
            TestServer before = new TestServer(new MariadbEngine(), older);
            before.fill("edge-mariadb.sql", "edge.sql");
            try (BackupRun backup = before.backup(directory(), 2, "edge")) {
                BlobSetReader set = backup.complete();
                try (MysqlRestoreRun restore = server().restoring(set, "edge", "edge_upgraded", false).complete()) {
                    assertThat(restore.differences()).isEmpty();
                    assertThat(restore.comparisons()).hasSize((int) before.text().tables("edge").lines().count());
                }
                assertThat(server().text().checksums("edge_upgraded")).isEqualTo(before.text().checksums("edge"));
            }
            try (BackupRun backup = server().backup(Files.createDirectory(directory().resolve("newer")), 2, "helper")) {
                BlobSetReader set = backup.complete();
                assertThatThrownBy(() -> before.restore(set, "helper", "helper_copy"))
                        .hasMessageContaining("DATABASE_VERSION_UNSUPPORTED");
            }
        }
    }
}
