package io.dbbackup.engine.mysql.backup;

import io.dbbackup.spi.BackupContext;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The databases of the backup that a restore was seen at work on in this execution. From the preflight on: what ends between that and
 * the look after the snapshot is a part in the snapshot all the same. Thread-safe.
 */
final class BesideRestores implements AutoCloseable {
    private static final String KEY = "mysql.beside-restores";

    private final Set<String> databases = ConcurrentHashMap.newKeySet();
    private volatile boolean unseen;

    private BesideRestores() {}

    static BesideRestores of(BackupContext context) {
        return context.hold(KEY, BesideRestores.class, BesideRestores::new);
    }

    void at(String database) {
        databases.add(database);
    }

    /** At one that is just not there, or perhaps at one: the marks cannot be read. */
    void atUnseen() {
        unseen = true;
    }

    boolean has(String database) {
        return databases.contains(database);
    }

    boolean unseen() {
        return unseen;
    }

    @Override
    public void close() {
        // a value; nothing to close
    }
}
