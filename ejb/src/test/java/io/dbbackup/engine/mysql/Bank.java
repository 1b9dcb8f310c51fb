package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.service.set.BlobSetReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.locks.LockSupport;

/** Two databases whose amounts add up to the same at every instant, while amounts are moved between them until it is closed. */
final class Bank implements AutoCloseable {
    private final TestServer server;
    private final Duration pause;
    private final AtomicBoolean over = new AtomicBoolean();
    private final CountDownLatch written = new CountDownLatch(1);
    private final Thread writer = new Thread(this::transfer, "writer");

    /** @param pause between two transactions */
    Bank(TestServer server, Duration pause) throws InterruptedException {
        this.server = server;
        this.pause = pause;
        server.sql("mysql", """
                CREATE DATABASE IF NOT EXISTS bank; CREATE DATABASE IF NOT EXISTS branch;
                CREATE TABLE IF NOT EXISTS bank.a (id int PRIMARY KEY, amount bigint NOT NULL);
                CREATE TABLE IF NOT EXISTS branch.b LIKE bank.a;
                INSERT IGNORE INTO bank.a SELECT seq, 100 FROM helper.n WHERE seq BETWEEN 1 AND 20000;
                INSERT IGNORE INTO branch.b SELECT seq, 100 FROM helper.n WHERE seq BETWEEN 1 AND 20000;
                """);
        writer.start();
        assertThat(written.await(1, TimeUnit.MINUTES)).isTrue();
    }

    /** Moves amounts from one table to the other, first in the one that is read last. */
    private void transfer() {
        try (Session session = Session.open(server.endpoint(), "bank", "writer")) {
            for (int i = 1; !over.get(); i++) {
                session.sql().run("START TRANSACTION");
                session.sql().run("UPDATE branch.b SET amount = amount - 1 WHERE id = " + (i * 7919L % 20_000 + 1));
                session.sql().run("UPDATE a SET amount = amount + 1 WHERE id = " + (i * 104_729L % 20_000 + 1));
                session.sql().run("COMMIT");
                written.countDown();
                LockSupport.parkNanos(pause.toNanos());
            }
        }
    }

    /**
     * Backs both up, restores them and compares the sum.
     *
     * @param proof how the set must say that it is one instant
     * @return milliseconds for which commits were held up
     */
    long backUp(Endpoint account, String proof, Path directory) throws IOException {
        long held;
        try (BackupRun backup = server.backup(account, Files.createDirectory(directory.resolve(proof)), "bank", "branch")) {
            BlobSetReader set = backup.complete();
            assertThat(set.manifest().databases().stream().map(database -> database.position()).distinct()).hasSize(1);
            DatabaseManifest manifest = set.database(set.manifest().databases().get(0));
            assertThat(manifest.properties().get("proof").asText()).isEqualTo(proof);
            held = manifest.properties().get("lockMillis").asLong();
            for (String database : List.of("bank", "branch")) {
                server.restore(set, database, database + "_" + proof);
            }
        }
        assertThat(server.sql("bank_" + proof, "SELECT (SELECT sum(amount) FROM a) + (SELECT sum(amount) FROM branch_" + proof
                + ".b), (SELECT sum(amount <> 100) FROM a) > 0")).isEqualTo("4000000\t1\n");
        return held;
    }

    @Override
    public void close() throws InterruptedException {
        over.set(true);
        writer.join();
    }
}
