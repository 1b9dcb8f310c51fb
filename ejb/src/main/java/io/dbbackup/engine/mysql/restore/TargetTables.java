package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.StorageEngines;
import io.dbbackup.engine.mysql.TableProperties;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.TableManifest;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The tables of a database on the target that a data-only set has rows for.
 *
 * @param database its name on the target
 */
record TargetTables(String database, Map<String, Table> tables) {
    private static final String COLUMNS = """
            SELECT t.table_name, t.table_type = 'SYSTEM VERSIONED', c.column_name, c.data_type,
                   coalesce(c.character_set_name, ''), c.extra REGEXP '(VIRTUAL|STORED|PERSISTENT) GENERATED',
                   c.is_nullable = 'NO' AND c.column_default IS NULL AND c.extra NOT LIKE '%%auto_increment%%'
                       AND c.extra NOT LIKE '%%DEFAULT_GENERATED%%',
                   coalesce(t.engine, ''),
                   %s,
                   c.column_type, c.data_type = 'bigint' AND c.generation_expression = 'ROW START', %s
            FROM information_schema.tables t
            JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
                AND CAST(c.table_name AS BINARY) = CAST(t.table_name AS BINARY)
            WHERE t.table_schema = ? AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
            """.formatted(TableProperties.DETAIL, TableProperties.REPLACES_NULL);
    private static final int BATCH = 200;
    /** The storage engine cannot do it. */
    private static final int NOT_BY_ENGINE = 1031;
    private static final Pattern COUNTER = Pattern.compile(StorageEngines.BEFORE_COUNTER + " AUTO_INCREMENT=(\\d+)");

    /** @param columns by name */
    record Table(String name, String engine, boolean versioned, Map<String, Column> columns) {
        /** Whether rows can be loaded with their history: not where transactions tell versions apart. */
        boolean takesHistory() {
            return versioned && columns.values().stream().noneMatch(Column::ofTransactions);
        }
    }

    /**
     * A column.
     *
     * @param shape see {@link TableProperties#shape}
     * @param required NOT NULL without anything that gives a value
     * @param type with the members of an ENUM
     * @param ofTransactions the transaction by which a version of a row begins
     * @param replacesNull see {@link TableProperties#REPLACES_NULL}
     */
    record Column(String shape, boolean generated, boolean required, String type, boolean ofTransactions, boolean replacesNull) {
        /** Whether a member is called what the set's rows have for a value without a name. */
        boolean names(TableProperties.Column set) {
            return !set.nameless().isEmpty() && type.contains("'" + set.nameless() + "'");
        }
    }

    static TargetTables read(Sql sql, String database, List<TableManifest> wanted) {
        Set<String> names = wanted.stream().map(TableManifest::name).collect(Collectors.toSet());
        Map<String, Table> tables = new LinkedHashMap<>();
        sql.list(
                COLUMNS,
                row -> {
                    String name = row.getString(1);
                    boolean versioned = row.getBoolean(2);
                    String engine = row.getString(8);
                    return names.contains(name)
                            ? tables.computeIfAbsent(name, key -> new Table(key, engine, versioned, new HashMap<>())).columns.put(
                                    row.getString(3),
                                    new Column(
                                            TableProperties.shape(
                                                    row.getString(4).toLowerCase(Locale.ROOT), row.getString(9), row.getString(5)),
                                            row.getBoolean(6), row.getBoolean(7), row.getString(10), row.getBoolean(11), row.getBoolean(12)))
                            : null;
                },
                database);
        return new TargetTables(database, tables);
    }

    /** The storage engine of one table; empty when there is no such table, or it cannot be opened. */
    static String engine(Sql sql, String database, String table) {
        return sql.text(
                // names may be equal for this comparison and yet be two
                "SELECT coalesce(engine, '') FROM information_schema.tables WHERE table_schema = ? AND table_name = ?"
                        + " ORDER BY CAST(table_name AS BINARY) = CAST(? AS BINARY) DESC LIMIT 1", database, table, table);
    }

    /** @throws BackupException TABLE_MISMATCH for a table into which rows cannot be loaded without a transaction */
    static void requireLoadable(RestoreTarget target, TableManifest table, String engine) {
        if (!loadable(RestoreTarget.properties(table), engine)) {
            throw new BackupException(
                    ErrorCode.TABLE_MISMATCH,
                    "table " + table.name() + " of database \"" + target.name() + "\" is of " + (engine.isEmpty() ? "no" : engine)
                            + " engine; rows of " + RestoreTarget.properties(table).engine() + " cannot be loaded into it",
                    "Make the table with the engine that it had on the source, and see that the server has this engine and"
                            + " does not enforce another one (enforce_storage_engine).");
        }
    }

    /** Whether rows can be loaded exactly once, and nothing else is touched by that. */
    static boolean loadable(TableProperties set, String engine) {
        return StorageEngines.transactional(engine) || !set.transactional() && StorageEngines.ownsRows(engine);
    }

    Optional<Table> find(String name) {
        return Optional.ofNullable(tables.get(name));
    }

    /** Tables that have rows, history among them. */
    List<Table> notEmpty(Sql sql) {
        List<Table> all = List.copyOf(tables.values());
        List<Table> full = new ArrayList<>();
        for (int from = 0; from < all.size(); from += BATCH) {
            List<Table> some = all.subList(from, Math.min(all.size(), from + BATCH));
            StringBuilder query = new StringBuilder();
            for (int i = 0; i < some.size(); i++) {
                query.append(i == 0 ? "" : " UNION ALL ").append("SELECT ").append(from + i).append(" FROM dual WHERE EXISTS (SELECT 1 FROM ")
                        .append(Quoting.qualified(database, some.get(i).name))
                        .append(some.get(i).versioned ? " FOR SYSTEM_TIME ALL" : "").append(')');
            }
            sql.list(query.toString(), row -> full.add(all.get(row.getInt(1))));
        }
        return full;
    }

    /**
     * Deletes all rows; to be called with foreign_key_checks = 0.
     *
     * @param before is told of each table that has rows, right before it is emptied, more than once where that takes several attempts
     */
    void empty(Sql sql, Consumer<Table> before) {
        for (Table table : notEmpty(sql)) {
            if (!StorageEngines.ownsRows(table.engine)) {
                throw new IllegalStateException("table " + table.name + " of " + table.engine + " is not to be emptied");
            }
            Runnable rows = () -> {
                before.accept(table);
                empty(sql, Quoting.qualified(database, table.name), table.versioned);
            };
            // no key refers to tables of other engines, and to delete the rows of one with versions locks no other table
            if (StorageEngines.transactional(table.engine) && !table.versioned) {
                Attempts.alone(sql, database, rows);
            } else {
                rows.run();
            }
        }
    }

    /** The next value of its AUTO_INCREMENT column where that is more than the first: emptying the table forgets it. */
    static Optional<String> counter(Sql sql, String quoted) {
        return sql.first("SHOW CREATE TABLE " + quoted, row -> row.getString(2)).flatMap(TargetTables::counter);
    }

    /** The same of what SHOW CREATE TABLE says. */
    static Optional<String> counter(String statement) {
        return Optional.of(COUNTER.matcher(statement)).filter(Matcher::find).map(found -> found.group(1));
    }

    static void empty(Sql sql, String quoted, boolean versioned) {
        if (versioned) {
            // cannot be truncated
            sql.run("DELETE FROM " + quoted);
            sql.run("DELETE HISTORY FROM " + quoted);
        } else {
            try {
                sql.run("TRUNCATE TABLE " + quoted);
            } catch (BackupException e) {
                throw e.getCause() instanceof SQLException origin && origin.getErrorCode() == NOT_BY_ENGINE
                        ? keepsRows(sql, quoted, e) : e;
            }
        }
    }

    /** Rows that nobody can delete, in tables that are not to be dropped by us: they have privileges and perhaps triggers. */
    static BackupException keepsRows(Sql sql, String tables, Throwable cause) {
        return new BackupException(
                ErrorCode.TABLE_NOT_EMPTY,
                "there are rows in " + tables + " on " + sql.endpoint() + ", whose engine deletes none (ARCHIVE has neither TRUNCATE nor"
                        + " DELETE)",
                "Drop it, and create it again by what SHOW CREATE TABLE says of it, without AUTO_INCREMENT=…; then restart the run.",
                cause);
    }

    /** Whether it has rows, history among them. */
    static boolean hasRows(Sql sql, String quoted, boolean versioned) {
        return sql.truth("SELECT EXISTS (SELECT 1 FROM " + quoted + (versioned ? " FOR SYSTEM_TIME ALL" : "") + ")");
    }
}
