package io.dbbackup.engine.postgresql.restore;

import static io.dbbackup.engine.postgresql.Quoting.literal;
import static io.dbbackup.engine.postgresql.Quoting.qualified;

import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.manifest.TableManifest;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** The tables of a database on the target that a data-only set has rows for. */
record TargetTables(Map<List<String>, Table> tables) {
    private static final int BATCH = 200;

    /** @param columns by name */
    record Table(long oid, String schema, String name, boolean partitioned, Map<String, Column> columns) {
        String quoted() {
            return qualified(schema, name);
        }

        /** For queries about its own rows. */
        String only() {
            return (partitioned ? "" : "ONLY ") + quoted();
        }
    }

    /**
     * @param type without its length or precision
     * @param required NOT NULL without anything that gives a value
     */
    record Column(String type, boolean generated, boolean required) {}

    private record Found(Table table, String column, Column definition) {}

    static TargetTables read(Sql sql, SetDatabase database) {
        Map<List<String>, Table> tables = new LinkedHashMap<>();
        List<TableManifest> all = database.manifest().tables();
        for (int from = 0; from < all.size(); from += BATCH) {
            List<TableManifest> some = all.subList(from, Math.min(all.size(), from + BATCH));
            columns(sql, some).forEach(found -> {
                Table table = tables.computeIfAbsent(List.of(found.table.schema, found.table.name), name -> found.table);
                if (found.column != null) {
                    table.columns.put(found.column, found.definition);
                }
            });
        }
        return new TargetTables(tables);
    }

    private static List<Found> columns(Sql sql, List<TableManifest> tables) {
        return sql.list(
                """
                SELECT c.oid, n.nspname, c.relname, c.relkind = 'p', a.attname, format_type(a.atttypid, NULL),
                       a.attgenerated <> '', a.attnotnull AND NOT a.atthasdef AND a.attidentity = ''
                FROM unnest(?, ?) AS t (schema, name)
                JOIN pg_namespace n ON n.nspname = t.schema
                JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.name AND c.relkind IN ('r', 'p')
                LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                """,
                row -> new Found(
                        new Table(row.getLong(1), row.getString(2), row.getString(3), row.getBoolean(4), new HashMap<>()),
                        row.getString(5),
                        new Column(row.getString(6), row.getBoolean(7), row.getBoolean(8))),
                tables.stream().map(TableManifest::schema).toArray(String[]::new),
                tables.stream().map(TableManifest::name).toArray(String[]::new));
    }

    Optional<Table> find(String schema, String name) {
        return Optional.ofNullable(tables.get(List.of(schema, name)));
    }

    Long[] oids() {
        return tables.values().stream().map(Table::oid).toArray(Long[]::new);
    }

    /** Tables with triggers that would fire or foreign keys that would be checked when rows are loaded. */
    List<String> firing(Sql sql) {
        return sql.list(
                """
                SELECT DISTINCT t.tgrelid::pg_catalog.regclass::text FROM pg_catalog.pg_trigger t
                WHERE t.tgrelid = ANY (?::oid[]) AND t.tgenabled <> 'D' AND t.tgtype & 4 <> 0
                ORDER BY 1
                """,
                row -> row.getString(1), (Object) oids());
    }

    /** Tables that have rows of their own. */
    List<String> notEmpty(Sql sql) {
        List<String> full = new ArrayList<>();
        List<Table> all = List.copyOf(tables.values());
        for (int from = 0; from < all.size(); from += BATCH) {
            String query = all.subList(from, Math.min(all.size(), from + BATCH)).stream()
                    .map(table -> "SELECT " + literal(
                            table.schema + "." + table.name) + " WHERE EXISTS (SELECT FROM " + table.only() + ")")
                    .collect(Collectors.joining(" UNION ALL "));
            full.addAll(sql.list(query, row -> row.getString(1)));
        }
        return full;
    }

    /**
     * Deletes all rows, in the caller's transaction. A table that another one refers to cannot be truncated, not even when
     * that one is empty, unless both are truncated together: such tables are emptied row by row.
     */
    void empty(Sql sql) {
        List<String> full = notEmpty(sql);
        if (full.isEmpty()) {
            return;
        }
        Set<Long> truncate = new HashSet<>(List.of(oids()));
        List<long[]> keys = sql.list(
                "SELECT k.conrelid, k.confrelid FROM pg_catalog.pg_constraint k WHERE k.contype = 'f'"
                        + " AND k.confrelid = ANY (?::oid[])",
                row -> new long[] {row.getLong(1), row.getLong(2)}, (Object) oids());
        boolean fewer = true;
        while (fewer) {
            fewer = false;
            for (long[] key : keys) {
                fewer |= !truncate.contains(key[0]) && truncate.remove(key[1]);
            }
        }
        for (Table table : tables.values()) {
            if (!truncate.contains(table.oid) && full.contains(table.schema + "." + table.name)) {
                sql.run("DELETE FROM " + table.only());
            }
        }
        if (!truncate.isEmpty()) {
            sql.run("TRUNCATE " + tables.values().stream()
                    .filter(table -> truncate.contains(table.oid))
                    .map(Table::only)
                    .collect(Collectors.joining(", ")));
        }
    }
}
