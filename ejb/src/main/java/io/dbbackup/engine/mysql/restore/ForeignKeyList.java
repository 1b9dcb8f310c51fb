package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.RestoreMarks;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;

/**
 * Foreign keys of a target, as the account may see them. Those of a database are asked for alone; those of all others, for which MariaDB
 * opens every table of the server, once per execution. Immutable.
 */
final class ForeignKeyList implements AutoCloseable {
    private static final String KEYS = "SELECT constraint_name, table_schema, table_name, referenced_table_schema, referenced_table_name,"
            + " column_name, referenced_column_name FROM information_schema.key_column_usage"
            + " WHERE referenced_table_name IS NOT NULL AND ";
    private static final String ORDER = " ORDER BY table_schema, table_name, constraint_name, ordinal_position";
    private static final String HELD = "mysql.restore.foreign-keys";

    private final List<Key> keys;
    /** Why they are not known: not asked again for each database, which may take long. */
    private final Optional<BackupException> failure;

    private ForeignKeyList(List<Key> keys, Optional<BackupException> failure) {
        this.keys = List.copyOf(keys);
        this.failure = failure;
    }

    record Table(String database, String name) {
        String quoted() {
            return Quoting.qualified(database, name);
        }
    }

    record Key(String name, Table from, Table to, List<String> columns, List<String> toColumns) {
        /** The rows that refer to something: one with a NULL among these columns does not (MATCH SIMPLE). */
        String referring() {
            return "FROM " + from.quoted() + " c WHERE " + columns.stream()
                    .map(column -> "c." + Quoting.identifier(column) + " IS NOT NULL").collect(Collectors.joining(" AND "));
        }

        /** Those of them whose parents are not there. */
        String orphans() {
            List<String> equal = new ArrayList<>();
            for (int i = 0; i < columns.size(); i++) {
                equal.add("p." + Quoting.identifier(toColumns.get(i)) + " = c." + Quoting.identifier(columns.get(i)));
            }
            return referring() + " AND NOT EXISTS (SELECT 1 FROM " + to.quoted() + " p WHERE " + String.join(" AND ", equal) + ")";
        }
    }

    /** Those from the tables of a database. */
    static List<Key> from(Sql sql, String database) {
        return read(sql, "table_schema = ?", List.of(database));
    }

    /** Those from all other databases to the tables of one, of this moment. */
    static List<Key> to(Sql sql, String database) {
        boolean caseless = RestoreMarks.caseless(sql);
        return read(
                sql, "referenced_table_schema = ? AND CAST(table_schema AS BINARY) <> CAST(referenced_table_schema AS BINARY)", List.of(database))
                .stream().filter(key -> RestoreMarks.same(key.to.database, database, caseless)).toList();
    }

    /**
     * Those to the tables of a database from other ones; of a whole restore without those from other databases of the run.
     *
     * @throws BackupException also what an earlier call has thrown, if it was not for a connection that was lost
     */
    static List<Key> toFromOthers(RestoreContext context, String database, boolean caseless) {
        ForeignKeyList others = context.hold(HELD, ForeignKeyList.class, () -> ofOthers(context));
        others.failure.ifPresent(e -> {
            throw e;
        });
        return others.keys.stream().filter(key -> RestoreMarks.same(key.to.database, database, caseless)).toList();
    }

    private static ForeignKeyList ofOthers(RestoreContext context) {
        try {
            return new ForeignKeyList(fromOthers(context), Optional.empty());
        } catch (BackupException e) {
            context.cancellation().check();
            if (OrphanSearch.lost(e)) {
                throw e;
            }
            return new ForeignKeyList(List.of(), Optional.of(e));
        }
    }

    /** Into another database. Tables that are just being loaded are locked at times, and none of these is asked for. */
    private static List<Key> fromOthers(RestoreContext context) {
        try (Session session = Session.open(context.target(), "", "list foreign keys");
                Cancellation.Registration stop = session.endWith(context.cancellation())) {
            OrphanSearch.limit(session.sql());
            UnaryOperator<String> shown = RestoreMarks.caseless(session.sql()) ? name -> name.toLowerCase(Locale.ROOT) : name -> name;
            List<String> filled = RestoreTarget.dataOnly(context) ? List.of() : context.spec().whole().values().stream().map(shown).toList();
            String without = filled.isEmpty() ? "" : filled.stream().map(name -> "CAST(? AS BINARY)")
                    .collect(Collectors.joining(", ", " AND CAST(table_schema AS BINARY) NOT IN (", ")"));
            return read(
                    session.sql(),
                    // names that a collation takes for one may be two
                    "CAST(table_schema AS BINARY) <> CAST(referenced_table_schema AS BINARY) AND left(table_schema, "
                            + RestoreTarget.PREFIX.length() + ") <> '" + RestoreTarget.PREFIX + "'" + without,
                    filled);
        }
    }

    private static List<Key> read(Sql sql, String condition, List<String> parameters) {
        Map<List<String>, Key> keys = new LinkedHashMap<>();
        sql.list(
                KEYS + condition + ORDER,
                row -> {
                    Table from = new Table(row.getString(2), row.getString(3));
                    Table to = new Table(row.getString(4), row.getString(5));
                    Key key = keys.computeIfAbsent(List.of(from.database, from.name, row.getString(1)),
                            names -> new Key(names.get(2), from, to, new ArrayList<>(), new ArrayList<>()));
                    key.columns.add(row.getString(6));
                    return key.toColumns.add(row.getString(7));
                },
                parameters.toArray());
        return List.copyOf(keys.values());
    }

    @Override
    public void close() {
        // a value; nothing to close
    }
}
