package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Sql;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The tables and views of a database that a selection may take or leave, and what holds them together. Grows with their number,
 * as the list of tables does.
 */
final class RelationCatalog {
    private static final String RELATIONS = "SELECT table_name, table_type = 'VIEW' FROM information_schema.tables"
            + " WHERE table_schema = ? AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED', 'VIEW') ORDER BY table_name";
    private static final String FOREIGN_KEYS = "SELECT table_name, constraint_name, referenced_table_schema,"
            + " referenced_table_name, column_name, referenced_column_name FROM information_schema.key_column_usage"
            + " WHERE table_schema = ? AND referenced_table_name IS NOT NULL"
            + " ORDER BY table_name, constraint_name, ordinal_position";

    /** What a view reads, as the server writes it in {@code information_schema.views}: always with its database. */
    private static final Pattern NAME = Pattern.compile("`((?:[^`]|``)+)`\\.`((?:[^`]|``)+)`");

    private final Set<String> tables = new HashSet<>();
    private final Map<String, Set<String>> views = new LinkedHashMap<>();
    /** By table and name. */
    private final Map<List<String>, ForeignKey> foreignKeys;

    RelationCatalog(Sql sql, String database) {
        relations(sql, database).forEach(relation -> {
            if (relation.view) {
                views.put(relation.name, Set.of());
            } else {
                tables.add(relation.name);
            }
        });
        sql.listAll(
                "SELECT table_name, coalesce(view_definition, '') FROM information_schema.views WHERE table_schema = ?",
                row -> views.replace(row.getString(1), named(row.getString(2), database)), database);
        foreignKeys = foreignKeys(sql, database);
    }

    /** A table or view. */
    record Relation(String name, boolean view) {}

    /**
     * A foreign key.
     *
     * @param name is a name among the keys of its table
     * @param toDatabase where the table is that it refers to
     */
    record ForeignKey(
            String table, String name, String toDatabase, String toTable, List<String> columns, List<String> toColumns) {}

    static List<Relation> relations(Sql sql, String database) {
        return sql.listAll(RELATIONS, row -> new Relation(row.getString(1), row.getBoolean(2)), database);
    }

    private static Map<List<String>, ForeignKey> foreignKeys(Sql sql, String database) {
        Map<List<String>, ForeignKey> found = new LinkedHashMap<>();
        sql.listAll(
                FOREIGN_KEYS,
                row -> {
                    ForeignKey key = new ForeignKey(
                            row.getString(1), row.getString(2), row.getString(3), row.getString(4), new ArrayList<>(),
                            new ArrayList<>());
                    ForeignKey whole = found.computeIfAbsent(List.of(key.table, key.name), name -> key);
                    whole.columns.add(row.getString(5));
                    whole.toColumns.add(row.getString(6));
                    return whole;
                },
                database);
        return found;
    }

    private static Set<String> named(String definition, String database) {
        Set<String> names = new HashSet<>();
        Matcher matcher = NAME.matcher(definition);
        while (matcher.find()) {
            if (matcher.group(1).replace("``", "`").equals(database)) {
                names.add(matcher.group(2).replace("``", "`"));
            }
        }
        return names;
    }

    Set<String> tables() {
        return tables;
    }

    /** Views with what each of them reads of this database, other views among it, and perhaps names of something else. */
    Map<String, Set<String>> views() {
        return views;
    }

    Collection<ForeignKey> foreignKeys() {
        return foreignKeys.values();
    }

    Optional<ForeignKey> foreignKey(String table, String name) {
        return Optional.ofNullable(foreignKeys.get(List.of(table, name)));
    }
}
