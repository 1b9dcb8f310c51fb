package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.PgConnections;
import io.dbbackup.engine.postgresql.PgErrors;
import io.dbbackup.engine.postgresql.PgOptions;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Holds every table against being dropped, truncated, rewritten or renamed until the snapshot's session ends: those do not obey
 * snapshots, and a table truncated in between, or another one of its name, would be read as empty without any error.
 */
final class TableLocks {
    private static final int BATCH = 1000;

    private final SnapshotSession session;
    private final int workers;
    private final Cancellation cancellation;

    TableLocks(SnapshotSession session, int workers, Cancellation cancellation) {
        this.session = session;
        this.workers = workers;
        this.cancellation = cancellation;
    }

    /** The ground moved between the snapshot and the locks; a new snapshot is needed. */
    static final class MovedException extends Exception {
        private static final long serialVersionUID = 1L;

        MovedException(String what) {
            super(what);
        }
    }

    /**
     * Locks the tables and measures them. The server's room for locks is shared with all its sessions, and pg_dump will
     * want a lock for each table too: when there are very many, only the largest are locked from here on, and the others
     * while they are read, see {@link SnapshotReader}.
     *
     * @param tables largest first
     * @return the same tables with their sizes
     * @throws MovedException when a table is no longer what the snapshot saw
     * @throws BackupException when other sessions keep tables locked, naming the tables
     */
    List<TableListing> take(List<TableListing> tables) throws MovedException {
        List<TableListing> measured = new ArrayList<>(tables.size());
        Endpoint endpoint = session.endpoint();
        long room = session.inHolder(sql -> {
            sql.run("SET LOCAL lock_timeout = " + PgOptions.lockTimeout(endpoint).toMillis());
            return TableCatalog.lockCapacity(sql);
        });
        // a fifth for all snapshots that are open at the same time
        int held = (int) Math.min(tables.size(), room / 5 / workers);
        for (int from = 0; from < tables.size(); ) {
            cancellation.check();
            int end = Math.min(from < held ? held : tables.size(), from + BATCH);
            measured.addAll(takeBatch(tables.subList(from, end), from < held));
            from = end;
        }
        session.holdsOnly(tables.subList(0, held));
        session.inHolder(sql -> {
            sql.run("SET LOCAL lock_timeout = 0");
            return null;
        });
        return measured;
    }

    private List<TableListing> takeBatch(List<TableListing> batch, boolean hold) throws MovedException {
        String statement = batch.stream()
                .map(table -> "ONLY " + table.quoted())
                .collect(Collectors.joining(", ", "LOCK TABLE ", " IN ACCESS SHARE MODE"));
        try {
            List<TableListing> measured = session.inHolder(sql -> {
                if (hold) {
                    sql.run(statement);
                }
                return TableCatalog.measure(sql, batch);
            });
            List<Long> oids = batch.stream().map(TableListing::oid).toList();
            List<String> moved = new ArrayList<>(session.inHolder(sql -> TableCatalog.moved(sql, oids)));
            if (hold && moved.isEmpty()) {
                moved.addAll(session.inHolder(sql -> TableCatalog.movedColumns(sql, oids)));
            }
            if (!moved.isEmpty()) {
                throw new MovedException("truncated, rewritten or renamed: " + String.join(", ", moved));
            }
            return measured;
        } catch (BackupException e) {
            if (e.getCause() instanceof SQLException origin) {
                if (SnapshotSession.unknownName(origin)) {
                    throw new MovedException(PgErrors.message(origin));
                }
                if (SnapshotSession.lockRefused(origin)) {
                    throw blocked(batch, e);
                }
            }
            throw e;
        }
    }

    private BackupException blocked(List<TableListing> batch, BackupException origin) {
        List<String> names = new ArrayList<>();
        Connection connection = PgConnections.open(session.endpoint(), session.database(), "lock check");
        try {
            Sql sql = new Sql(connection, session.endpoint());
            for (TableListing table : batch) {
                try {
                    sql.run("BEGIN; LOCK TABLE ONLY " + table.quoted() + " IN ACCESS SHARE MODE NOWAIT");
                } catch (BackupException e) {
                    names.add(table.quoted());
                }
                sql.run("ROLLBACK");
            }
        } finally {
            SnapshotSession.closeQuietly(connection);
        }
        return new BackupException(
                ErrorCode.DATABASE_TABLE_LOCKED,
                "other sessions have kept tables of database \"" + session.database() + "\" locked for "
                        + PgOptions.lockTimeout(session.endpoint()).toSeconds() + " s"
                        + (names.isEmpty() ? "" : ": " + String.join(", ", names)),
                "Wait until those sessions have ended (see pg_locks), or raise the option lockTimeoutSeconds of \""
                        + session.endpoint().name() + "\"; then restart the run.",
                origin);
    }
}
