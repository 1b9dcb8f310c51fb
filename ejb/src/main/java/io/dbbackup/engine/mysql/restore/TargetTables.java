package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.TableProperties;
import io.dbbackup.model.manifest.TableManifest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
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
                   c.is_nullable = 'NO' AND c.column_default IS NULL AND c.extra NOT LIKE '%auto_increment%'
                       AND c.extra NOT LIKE '%DEFAULT_GENERATED%'
            FROM information_schema.tables t
            JOIN information_schema.columns c ON c.table_schema = t.table_schema AND c.table_name = t.table_name
            WHERE t.table_schema = ? AND t.table_type IN ('BASE TABLE', 'SYSTEM VERSIONED')
            """;
    private static final int BATCH = 200;

    /** @param columns by name */
    record Table(String name, boolean versioned, Map<String, Column> columns) {}

    /**
     * A column.
     *
     * @param shape see {@link TableProperties#shape}
     * @param required NOT NULL without anything that gives a value
     */
    record Column(String shape, boolean generated, boolean required) {}

    static TargetTables read(Sql sql, String database, List<TableManifest> wanted) {
        Set<String> names = wanted.stream().map(TableManifest::name).collect(Collectors.toSet());
        Map<String, Table> tables = new LinkedHashMap<>();
        sql.list(
                COLUMNS,
                row -> {
                    String name = row.getString(1);
                    boolean versioned = row.getBoolean(2);
                    return names.contains(name)
                            ? tables.computeIfAbsent(name, key -> new Table(key, versioned, new HashMap<>())).columns.put(
                                    row.getString(3),
                                    new Column(
                                            TableProperties.shape(row.getString(4).toLowerCase(Locale.ROOT), row.getString(5)),
                                            row.getBoolean(6), row.getBoolean(7)))
                            : null;
                },
                database);
        return new TargetTables(database, tables);
    }

    Optional<Table> find(String name) {
        return Optional.ofNullable(tables.get(name));
    }

    /** What would fire when rows are loaded; or deleted, where a table cannot be truncated. */
    List<String> triggers(Sql sql) {
        return sql.list(
                        "SELECT event_object_table, trigger_name, event_manipulation = 'INSERT' FROM information_schema.triggers"
                                + " WHERE event_object_schema = ? AND event_manipulation IN ('INSERT', 'DELETE') ORDER BY 1, 2",
                        row -> tables.containsKey(row.getString(1)) && (row.getBoolean(3) || tables.get(row.getString(1)).versioned)
                                ? row.getString(2) + " on " + row.getString(1)
                                : "",
                        database).stream()
                .filter(trigger -> !trigger.isEmpty())
                .toList();
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

    /** Deletes all rows; to be called with foreign_key_checks = 0. */
    void empty(Sql sql) {
        for (Table table : notEmpty(sql)) {
            String name = Quoting.qualified(database, table.name);
            if (table.versioned) {
                // cannot be truncated
                sql.run("DELETE FROM " + name);
                sql.run("DELETE HISTORY FROM " + name);
            } else {
                sql.run("TRUNCATE TABLE " + name);
            }
        }
    }
}
