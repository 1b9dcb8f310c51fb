package io.dbbackup.engine.mysql.backup;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.Cancellation;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/**
 * The snapshots of one execution. All databases share one, so that the set is one instant. A database that has to start again
 * because somebody changed a table needs a later one, which is its own and has one session. When all sessions of the shared one are
 * broken, the next database that is opened gets a new one for itself and those after it. Thread-safe.
 */
final class Snapshots implements AutoCloseable {
    private static final String KEY = "mysql.snapshots";
    private static final int SPARES = 2;

    private final Endpoint endpoint;
    private final int workers;
    private final List<String> databases;
    private final Map<String, Opened> opened = new ConcurrentHashMap<>();
    /** The snapshot that a database had to leave, and must not come back to when its own could not be taken at once. */
    private final Map<String, SnapshotPool> left = new HashMap<>();
    /** Tables that must not be cut, by database. */
    private final Map<String, Set<String>> whole = new ConcurrentHashMap<>();
    private final AtomicBoolean warned = new AtomicBoolean();
    private SnapshotPool shared;
    /** What was there before the first snapshot of all. */
    private TablesBefore first;

    /**
     * A database on its snapshot.
     *
     * @param tables as they were when it was opened, by name
     * @param sample how rows are chosen, if not all are read
     */
    record Opened(
            SnapshotPool pool, boolean own, Map<String, TableDefinition> tables, Optional<SamplePlan> sample) {
        /** Reads the rows of a part. */
        String read(TableDefinition table, String partitions, String from, String to) {
            return sample.map(plan -> plan.read(table)).orElseGet(() -> table.read(partitions, from, to));
        }
    }

    private Snapshots(Endpoint endpoint, int workers, List<String> databases) {
        this.databases = List.copyOf(databases);
        this.endpoint = endpoint;
        this.workers = workers;
    }

    static Snapshots of(BackupContext context) {
        return context.hold(KEY, Snapshots.class, () -> new Snapshots(
                context.source(), context.workers(), context.spec().databases()));
    }

    static void end(BackupContext context) {
        context.release(KEY);
    }

    /** Connections that {@link #open} and everything that is read afterwards need at the same time. */
    static int connections(int workers) {
        // the one that takes the lock, and the one that sees the present
        return workers + SPARES + 2;
    }

    /** Opens a database, the first time or again. */
    synchronized Opened open(String database, Cancellation cancellation) {
        Opened before = opened.remove(database);
        if (before != null && before.own) {
            before.pool.close();
        } else if (before != null) {
            left.put(database, before.pool);
        }
        if (shared != null && !shared.lost() && left.get(database) == shared) {
            return own(database, cancellation);
        }
        if (shared == null || shared.lost()) {
            if (shared != null) {
                shared.close();
            }
            shared = new SnapshotLadder(endpoint, cancellation, databases).take(workers + SPARES);
            first = first == null ? shared.tables() : first;
        }
        return enter(database, new Opened(shared, false, Map.of(), Optional.empty()));
    }

    private Opened own(String database, Cancellation cancellation) {
        shared.spareOne();
        return enter(database, new Opened(
                new SnapshotLadder(endpoint, cancellation, List.of(database)).take(1), true, Map.of(), Optional.empty()));
    }

    private Opened enter(String database, Opened entry) {
        opened.put(database, entry);
        return entry;
    }

    /** Tables as of right before the first snapshot of this execution, on which other databases may stand; after {@link #open}. */
    synchronized TablesBefore first() {
        return first;
    }

    /** Says which tables an opened database has, and how their rows are chosen. */
    void tables(String database, Iterable<TableDefinition> tables, Optional<SamplePlan> sample) {
        Map<String, TableDefinition> byName = new ConcurrentHashMap<>();
        tables.forEach(table -> byName.put(table.name(), table));
        opened.computeIfPresent(database, (name, entry) ->
                new Opened(entry.pool, entry.own, Map.copyOf(byName), sample));
    }

    /**
     * Looks for what its parts cannot notice. Every execution opens each database that has no manifest yet, so a database is
     * unknown here only when its last item is executed again after it has looked, and written the manifest.
     */
    void requireSameTables(BackupContext context, String database) {
        Opened entry = opened.get(database);
        if (entry == null) {
            return;
        }
        boolean doubtful = entry.pool.now(context.cancellation(), sql -> {
            entry.pool.tables().requireSameIds(sql, database, entry.tables.values());
            return entry.tables.values().stream().anyMatch(TableDefinition::transactional) && entry.pool.tables().doubtful(sql);
        });
        if (doubtful && warned.compareAndSet(false, true)) {
            context.warn("somebody has executed ALTER TABLE or RENAME TABLE on " + endpoint + " during the backup, and the account \""
                    + endpoint.user() + "\" may not see whether tables have got the rows of others by that (EXCHANGE PARTITION, IMPORT TABLESPACE,"
                    + " tables of one second that swapped their names): where that may be, take another backup. GRANT PROCESS ON *.* lets backups"
                    + " notice it, and start such databases again");
        }
    }

    /** @throws BackupException SNAPSHOT_LOST when nobody has opened the database in this execution */
    Opened get(String database) {
        return find(database).orElseThrow(() -> SnapshotPool.lost(database, "this execution has not opened it"));
    }

    /** Empty, too, where its last item is executed again after it has done its work. */
    Optional<Opened> find(String database) {
        return Optional.ofNullable(opened.get(database));
    }

    /** Has a table in one part when its database is opened again. */
    void keepWhole(String database, String table) {
        whole.computeIfAbsent(database, name -> ConcurrentHashMap.newKeySet()).add(table);
    }

    Set<String> whole(String database) {
        return whole.getOrDefault(database, Set.of());
    }

    /** The database is done, or its opening failed for a reason that is not the snapshot's. */
    void close(String database) {
        Opened entry = opened.remove(database);
        if (entry != null && entry.own) {
            entry.pool.close();
        }
    }

    @Override
    public synchronized void close() {
        opened.values().stream().filter(Opened::own).map(Opened::pool).collect(Collectors.toSet())
                .forEach(SnapshotPool::close);
        opened.clear();
        if (shared != null) {
            shared.close();
        }
    }
}
