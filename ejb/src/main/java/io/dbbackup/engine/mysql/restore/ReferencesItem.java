package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Looks at the foreign keys from and to the tables that a data-only set was loaded into, since they were not checked
 * meanwhile. Rows without what they refer to stay, with a warning: they are the rows of the set. Changes nothing.
 */
final class ReferencesItem {
    private static final String KEYS = "SELECT constraint_schema, constraint_name, table_schema, table_name,"
            + " referenced_table_schema, referenced_table_name, column_name, referenced_column_name"
            + " FROM information_schema.key_column_usage WHERE referenced_table_name IS NOT NULL"
            + " AND (table_schema = ? OR referenced_table_schema = ?)"
            + " ORDER BY constraint_schema, table_name, constraint_name, ordinal_position";

    private ReferencesItem() {}

    private record Key(
            String name, String fromDatabase, String from, String toDatabase, String to, List<String> columns,
            List<String> toColumns) {
        /** A row with a NULL among these columns refers to nothing. */
        String query() {
            List<String> equal = new ArrayList<>();
            List<String> given = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                String column = "c." + Quoting.identifier(columns.get(i));
                equal.add("p." + Quoting.identifier(toColumns.get(i)) + " = " + column);
                given.add(column + " IS NOT NULL");
            }
            return "SELECT EXISTS (SELECT 1 FROM " + Quoting.qualified(fromDatabase, from) + " c WHERE "
                    + String.join(" AND ", given) + " AND NOT EXISTS (SELECT 1 FROM " + Quoting.qualified(toDatabase, to)
                    + " p WHERE " + String.join(" AND ", equal) + "))";
        }
    }

    static ItemResult execute(RestoreContext context, WorkItem item) {
        RestoreTarget target = RestoreTarget.of(context, item.payload(RestoreKind.DatabaseTask.class).database());
        Set<String> loaded =
                target.manifest(context).tables().stream().map(TableManifest::name).collect(Collectors.toSet());
        try (Session session = Session.open(context.target(), target.name(), "check foreign keys");
                Cancellation.Registration stop = session.endWith(context.cancellation())) {
            for (Key key : keys(session.sql(), target.name())) {
                context.cancellation().check();
                boolean concerned = key.fromDatabase.equals(target.name()) && loaded.contains(key.from)
                        || key.toDatabase.equals(target.name()) && loaded.contains(key.to);
                if (concerned && loose(context, session.sql(), target, key)) {
                    context.warn("in database \"" + target.name() + "\" rows of " + key.from + " refer to rows of " + key.to
                            + " that are not there (foreign key " + Quoting.identifier(key.name) + ")");
                }
            }
            return ItemResult.nothing();
        } catch (RuntimeException e) {
            context.cancellation().check();
            throw e;
        }
    }

    /** What a key refers to need not be there: it was added with foreign_key_checks = 0. */
    private static boolean loose(RestoreContext context, Sql sql, RestoreTarget target, Key key) {
        try {
            return sql.truth(key.query());
        } catch (BackupException e) {
            context.cancellation().check();
            if (e.code().retryable()) {
                throw e;
            }
            context.warn("in database \"" + target.name() + "\" foreign key " + Quoting.identifier(key.name) + " of "
                    + key.from + " could not be checked: " + e.problem().cause());
            return false;
        }
    }

    private static Iterable<Key> keys(Sql sql, String database) {
        Map<List<String>, Key> keys = new LinkedHashMap<>();
        sql.list(
                KEYS,
                row -> {
                    Key key = new Key(
                            row.getString(2), row.getString(3), row.getString(4), row.getString(5), row.getString(6),
                            new ArrayList<>(), new ArrayList<>());
                    Key found = keys.computeIfAbsent(List.of(row.getString(1), key.from, key.name), name -> key);
                    found.columns.add(row.getString(7));
                    found.toColumns.add(row.getString(8));
                    return found;
                },
                database, database);
        return keys.values();
    }
}
