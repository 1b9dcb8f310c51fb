package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.KeyStatements;
import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.TableProperties;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * Builds the keys of a table that had to wait for its rows, with as few statements as there can be ({@link KeyStatements}), and its
 * statistics; the latter alone where the table was there before.
 */
final class KeysItem {
    /** A key of that name, a primary key; and the key by which a column counted until then is gone. */
    private static final Set<Integer> THERE = Set.of(1061, 1068, 1091);
    private static final String PRIMARY = "PRIMARY KEY (";

    private KeysItem() {}

    static ItemResult execute(RestoreContext context, WorkItem item) {
        RestoreKind.TablesTask task = item.payload(RestoreKind.TablesTask.class);
        RestoreTarget target = RestoreTarget.of(context, task.database());
        List<TableManifest> tables = target.manifest(context).tables();
        try (Sessions.Lease lease = Sessions.borrow(context, target.loadedName(context), "restore keys")) {
            Session session = lease.session();
            if (!RestoreTarget.dataOnly(context)) {
                LenientTables.in(session.sql());
            }
            Set<Integer> remarked = Markers.remarked(session.sql(), target.temporaryName());
            for (int index : task.tables()) {
                context.cancellation().check();
                TableManifest table = tables.get(index);
                TableProperties properties = RestoreTarget.properties(table);
                if (remarked.contains(index)) {
                    requireSame(context, target, session, table);
                }
                if (!RestoreTarget.dataOnly(context)) {
                    ComputedTable.enter(context, session, table);
                    complete(context, session, table, properties);
                    ComputedTable.leave(session, table);
                }
                ComputedTable.compare(context, session, table);
                session.sql().list("ANALYZE TABLE " + Quoting.identifier(table.name()), row -> row.getString(4));
            }
            lease.keep();
            return ItemResult.nothing();
        } catch (RuntimeException e) {
            throw Markers.explained(context, target, e);
        }
    }

    /**
     * The server had something to say while it took the rows: these say whether it is of the generated columns alone. In a table of others it
     * may have changed rows without a word, and these write meanwhile, too: nobody can tell that apart, and their triggers and counters are
     * not to wait for it.
     */
    private static void requireSame(RestoreContext context, RestoreTarget target, Session session, TableManifest table) {
        Fingerprint found = CompareItem.read(context, session, table, bytes -> { });
        if (found.equals(table.content())) {
            return;
        }
        String differs = ": it has " + found + ", the manifest says " + table.content();
        if (!RestoreTarget.dataOnly(context)) {
            throw new BackupException(
                    ErrorCode.FINGERPRINT_MISMATCH,
                    "the server has changed rows of table " + table.name() + " while loading them" + differs,
                    "Compare the versions and settings of both servers.");
        }
        context.warn("somebody else has written into table " + table.name() + " of database \"" + target.name() + "\" since it was loaded, or the"
                + " server has changed rows without a word" + differs + ". If nobody writes there, compare its columns with those on the"
                + " source: shorter texts lose spaces at their end, TIMESTAMP and AUTO_INCREMENT make values where a NOT NULL column gets"
                + " a NULL. Then make the table as it was there, and restore again with clean");
    }

    private static void complete(RestoreContext context, Session session, TableManifest table, TableProperties properties) {
        Runnable keys = () -> {
            if (!properties.keys().isEmpty()) {
                add(context, session, table, properties);
            }
        };
        properties.zoned().ifPresentOrElse(
                zoned -> ZonedTable.complete(context, session, table, zoned, keys), keys);
    }

    private static void add(RestoreContext context, Session session, TableManifest table, TableProperties properties) {
        session.sql().run("SET SESSION foreign_key_checks = 0, unique_checks = 1");
        KeyStatements.of(table.name(), properties.keys()).forEach(statement -> add(context, session, table, properties, statement));
    }

    private static void add(
            RestoreContext context, Session session, TableManifest table, TableProperties properties, String statement) {
        try {
            session.sql().run(statement);
        } catch (BackupException e) {
            // one statement adds all its keys or none: an earlier attempt has come as far as this, perhaps not further
            if (!(e.getCause() instanceof SQLException origin) || !THERE.contains(origin.getErrorCode())
                    || !hasItsPrimaryKey(session, table, properties)) {
                throw MysqlErrors.duplicate(e) ? duplicate(context, table, properties, e) : e;
            }
        }
    }

    /** Servers may give a table that is made without a primary key one of their own (MySQL: sql_generate_invisible_primary_key). */
    private static boolean hasItsPrimaryKey(Session session, TableManifest table, TableProperties properties) {
        return properties.keys().stream().filter(key -> key.startsWith(PRIMARY)).allMatch(key -> session.sql()
                .list("SELECT column_name FROM information_schema.statistics WHERE table_schema = database() AND table_name = ?"
                        + " AND index_name = 'PRIMARY' AND seq_in_index = 1", row -> row.getString(1), table.name())
                .stream().anyMatch(first -> key.startsWith(PRIMARY + Quoting.identifier(first))));
    }

    private static BackupException duplicate(
            RestoreContext context, TableManifest table, TableProperties properties, BackupException e) {
        Optional<String> zone = properties.zoned().map(zoned -> "; the values of " + zoned.shown() + " depend on a time zone and were"
                + " computed in " + ZonedTable.zone(context, zoned));
        return new BackupException(
                zone.isPresent() ? ErrorCode.TIME_ZONE_MISMATCH : e.code(),
                "the rows of table " + table.name() + " break one of its unique keys: " + e.problem().cause() + zone.orElse(""),
                zone.isPresent()
                        ? ZonedTable.REMEDY
                        : "Compare the collations of both servers: what was different there may be equal here. A set of an older version"
                                + " may also hold generated columns that depend on a time zone: take a new backup.",
                e);
    }
}
