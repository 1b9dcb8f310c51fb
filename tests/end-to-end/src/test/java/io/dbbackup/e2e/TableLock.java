package io.dbbackup.e2e;

import io.dbbackup.throwaway.PostgresInstance;
import java.util.concurrent.CompletableFuture;

/** Keeps a table of the source locked, so that a backup waits for it for as long as a test needs it to. */
final class TableLock implements AutoCloseable {

    private static final String NAME = "e2e lock";

    private final PostgresInstance server;
    private final CompletableFuture<Void> session;

    TableLock(PostgresInstance server, String database, String table) {
        this.server = server;
        session = CompletableFuture.runAsync(() -> {
            try {
                server.psql(database, "SET application_name = '" + NAME + "'; BEGIN; LOCK TABLE " + table
                        + "; SELECT pg_sleep(3600)");
            } catch (RuntimeException e) {
                // close() ends the session
            }
        });
        Awaiting.until("lock of " + table, () -> count("query LIKE '%pg_sleep%' AND application_name = '" + NAME + "'") == 1);
    }

    /** True while another session waits for the lock. */
    boolean someoneWaits() {
        return count("wait_event_type = 'Lock'") > 0;
    }

    private int count(String condition) {
        return Integer.parseInt(server.psql("postgres",
                "SELECT count(*) FROM pg_stat_activity WHERE pid <> pg_backend_pid() AND " + condition).strip());
    }

    @Override
    public void close() {
        server.psql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = '" + NAME + "'");
        session.join();
    }
}
