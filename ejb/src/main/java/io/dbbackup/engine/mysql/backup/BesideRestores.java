package io.dbbackup.engine.mysql.backup;

import io.dbbackup.spi.BackupContext;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The databases of the backup that a restore was seen at work on in this execution, and what was warned of that. From the preflight
 * on: what ends between that and the look after the snapshot is a part in the snapshot all the same. Thread-safe.
 */
final class BesideRestores implements AutoCloseable {
    private static final String KEY = "mysql.beside-restores";

    private final Map<String, Set<String>> warnings = new ConcurrentHashMap<>();
    private volatile boolean unseen;

    private BesideRestores() {}

    static BesideRestores of(BackupContext context) {
        return context.hold(KEY, BesideRestores.class, BesideRestores::new);
    }

    /** Notes that a restore is at work on a database, and warns of it for as long as the set has what is read now. */
    static void warn(BackupContext context, String database, String warning) {
        of(context).warnings.computeIfAbsent(database, name -> ConcurrentHashMap.newKeySet()).add(warning);
        context.warn(matter(database), warning);
    }

    /** A database is read, or read once more: what an earlier execution has seen counts no more. */
    static void begin(BackupContext context, String database) {
        context.settled(matter(database));
        of(context).warnings.getOrDefault(database, Set.of()).forEach(warning -> context.warn(matter(database), warning));
    }

    private static String matter(String database) {
        return "restore into " + database;
    }

    /** One is at work on a database that is just not there, or perhaps is: its marks cannot be read. */
    void atUnseen() {
        unseen = true;
    }

    /** Also a database that another execution has planned, of which this one's preflight has said that the set is no complete one. */
    boolean mayHave(String database) {
        return unseen || warnings.containsKey(database);
    }

    boolean unseen() {
        return unseen;
    }

    @Override
    public void close() {
        // a value; nothing to close
    }
}
