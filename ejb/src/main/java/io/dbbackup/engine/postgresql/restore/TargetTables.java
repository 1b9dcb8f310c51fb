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

    /**
     * @param columns by name
     * @param rows of which extension it is on the target, if of any
     * @param wholeSet whether the set has all rows of its table, not only those that an extension calls configuration
     */
    record Table(
            long oid, String schema, String name, boolean partitioned, Map<String, Column> columns, Extension rows,
            boolean wholeSet) {
        String quoted() {
            return qualified(schema, name);
        }

        String shown() {
            return schema + "." + name;
        }

        /** Whether it may be truncated: no row is an extension's own. */
        boolean ordinary() {
            return !rows.member && wholeSet;
        }

        /**
         * Which of its rows the set's rows stand for, as text behind FROM; empty for all. Empty when they cannot be told from
         * the extension's own, which nothing would bring back.
         */
        Optional<String> replaced() {
            if (ordinary() || rows.configuration && rows.condition.isEmpty() && wholeSet) {
                return Optional.of("");
            }
            return rows.configuration && !rows.condition.isEmpty() ? Optional.of(" " + rows.condition) : Optional.empty();
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

    /**
     * What a table is to an extension of the target.
     *
     * @param member whether an extension made it
     * @param configuration whether the extension calls it configuration
     * @param condition of the rows that are the user's, with its WHERE; empty for all
     */
    record Extension(boolean member, boolean configuration, String condition) {}

    private record Found(Table table, String column, Column definition) {}

    static TargetTables read(Sql sql, SetDatabase database) {
        Map<List<String>, Table> tables = new LinkedHashMap<>();
        List<TableManifest> all = database.manifest().tables();
        for (int from = 0; from < all.size(); from += BATCH) {
            List<TableManifest> some = all.subList(from, Math.min(all.size(), from + BATCH));
            Set<List<String>> conditional = some.stream()
                    .filter(table -> !SetDatabase.properties(table).extension().isEmpty()
                            && table.readStatement().startsWith("COPY (SELECT "))
                    .map(table -> List.of(table.schema(), table.name()))
                    .collect(Collectors.toSet());
            columns(sql, some, conditional).forEach(found -> {
                Table table = tables.computeIfAbsent(List.of(found.table.schema, found.table.name), name -> found.table);
                if (found.column != null) {
                    table.columns.put(found.column, found.definition);
                }
            });
        }
        return new TargetTables(tables);
    }

    private static List<Found> columns(Sql sql, List<TableManifest> tables, Set<List<String>> conditional) {
        return sql.list(
                """
                SELECT c.oid, n.nspname, c.relname, c.relkind = 'p', a.attname, format_type(a.atttypid, NULL),
                       a.attgenerated <> '', a.attnotnull AND NOT a.atthasdef AND a.attidentity = '',
                       e.oid IS NOT NULL, coalesce(c.oid = ANY (e.extconfig), false),
                       coalesce(e.extcondition[array_position(e.extconfig, c.oid)], '')
                FROM unnest(?, ?) AS t (schema, name)
                JOIN pg_namespace n ON n.nspname = t.schema
                JOIN pg_class c ON c.relnamespace = n.oid AND c.relname = t.name AND c.relkind IN ('r', 'p')
                LEFT JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
                LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
                     AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
                LEFT JOIN pg_extension e ON e.oid = d.refobjid
                """,
                row -> new Found(
                        new Table(
                                row.getLong(1), row.getString(2), row.getString(3), row.getBoolean(4), new HashMap<>(),
                                new Extension(row.getBoolean(9), row.getBoolean(10), row.getString(11)),
                                !conditional.contains(List.of(row.getString(2), row.getString(3)))),
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
                WHERE t.tgrelid = ANY (?::oid[]) AND t.tgenabled IN ('O', 'A') AND t.tgtype & 4 <> 0
                ORDER BY 1
                """,
                row -> row.getString(1), (Object) oids());
    }

    /** Triggers that fire in spite of {@link DataOnly#quieten} when rows are loaded or deleted. */
    List<String> always(Sql sql) {
        return sql.list(
                """
                SELECT pg_catalog.format('%I on %s', t.tgname, t.tgrelid::pg_catalog.regclass) FROM pg_catalog.pg_trigger t
                WHERE t.tgrelid = ANY (?::oid[]) AND t.tgenabled IN ('A', 'R') AND t.tgtype & (4 | 8 | 32) <> 0
                ORDER BY 1
                """,
                row -> row.getString(1), (Object) oids());
    }

    /** Tables that have rows which the set's rows would meet; those that the set's rows cannot meet are an extension's. */
    List<String> notEmpty(Sql sql) {
        return full(sql, List.copyOf(tables.values()));
    }

    /** Tables with rows of which some may be an extension's own, so that they cannot be emptied. */
    List<String> untouchable(Sql sql) {
        return full(sql, tables.values().stream().filter(table -> table.replaced().isEmpty()).toList());
    }

    private static List<String> full(Sql sql, List<Table> all) {
        List<String> full = new ArrayList<>();
        for (int from = 0; from < all.size(); from += BATCH) {
            String query = all.subList(from, Math.min(all.size(), from + BATCH)).stream()
                    .map(table -> "SELECT " + literal(table.shown()) + " WHERE EXISTS (SELECT FROM " + table.only()
                            + table.replaced().orElse("") + ")")
                    .collect(Collectors.joining(" UNION ALL "));
            full.addAll(sql.list(query, row -> row.getString(1)));
        }
        return full;
    }

    /**
     * Deletes all rows, in the caller's transaction; of an extension's tables those that the set brings back. A table that
     * another one refers to cannot be truncated, not even when that one is empty, unless both are truncated together: such
     * tables are emptied row by row.
     */
    void empty(Sql sql) {
        List<String> full = notEmpty(sql);
        if (full.isEmpty()) {
            return;
        }
        Set<Long> truncate = tables.values().stream()
                .filter(Table::ordinary)
                .map(Table::oid)
                .collect(Collectors.toCollection(HashSet::new));
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
            if (!truncate.contains(table.oid) && full.contains(table.shown())) {
                table.replaced().ifPresent(condition -> sql.run("DELETE FROM " + table.only() + (condition.isEmpty()
                        ? ""
                        // a condition is any text behind FROM
                        : " WHERE ctid IN (SELECT ctid FROM " + table.only() + condition + ")")));
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
