package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.RestoreMarks;
import io.dbbackup.engine.postgresql.Sql;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The relations of a database that a selection may take or leave, and what holds them together, in the snapshot of the
 * session that asks. Grows with the number of relations, as the list of tables does.
 */
final class RelationCatalog {
    private static final String RELATIONS = """
            SELECT c.oid, n.nspname, c.relname, c.relkind::text, e.oid IS NOT NULL
            FROM pg_class c
            JOIN pg_namespace n ON n.oid = c.relnamespace
            LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
                 AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
            LEFT JOIN pg_extension e ON e.oid = d.refobjid
            WHERE c.relkind IN ('r', 'p', 'f', 'v', 'm') AND c.relpersistence <> 't'
              AND CASE WHEN e.oid IS NULL THEN""" + RestoreMarks.OTHERS + """
                       ELSE c.oid = ANY (e.extconfig) END
            ORDER BY n.nspname, c.relname
            """;

    /**
     * Which object needs which relation to be defined: the needing object's own relation (0 when it has none, as a function)
     * and the needed one. An index, a default, a policy, … belongs to its table, a sequence to the table that owns it, a row
     * type to its relation. Foreign keys are another matter, see {@link #foreignKeys}.
     */
    private static final String NEEDS = """
            WITH owned AS (
                SELECT d.objid AS sequence, d.refobjid AS relation
                FROM pg_depend d JOIN pg_class s ON s.oid = d.objid AND s.relkind = 'S'
                WHERE d.classid = 'pg_class'::regclass AND d.refclassid = 'pg_class'::regclass
                  AND d.deptype IN ('a', 'i') AND d.refobjsubid > 0),
            row_type AS (
                SELECT t.oid AS type, t.typrelid AS relation FROM pg_type t WHERE t.typrelid <> 0
                UNION ALL
                SELECT a.oid, t.typrelid FROM pg_type a JOIN pg_type t ON t.oid = a.typelem
                WHERE t.typrelid <> 0 AND a.typlen = -1),
            needed AS (
                SELECT d.classid, d.objid, coalesce(o.relation, t.relation, d.refobjid) AS relation
                FROM pg_depend d
                LEFT JOIN owned o ON d.refclassid = 'pg_class'::regclass AND o.sequence = d.refobjid
                LEFT JOIN row_type t ON d.refclassid = 'pg_type'::regclass AND t.type = d.refobjid
                WHERE d.deptype IN ('n', 'a')
                  AND (d.refclassid = 'pg_class'::regclass OR t.relation IS NOT NULL)
                  AND d.classid <> 'pg_publication_rel'::regclass),
            needing AS (
                SELECT CASE n.classid
                         WHEN 'pg_class'::regclass THEN coalesce(i.indrelid, o.relation, n.objid)
                         WHEN 'pg_rewrite'::regclass THEN w.ev_class
                         WHEN 'pg_attrdef'::regclass THEN f.adrelid
                         WHEN 'pg_constraint'::regclass THEN k.conrelid
                         WHEN 'pg_trigger'::regclass THEN g.tgrelid
                         WHEN 'pg_policy'::regclass THEN p.polrelid
                         WHEN 'pg_statistic_ext'::regclass THEN s.stxrelid
                         WHEN 'pg_type'::regclass THEN t.relation
                       END AS relation, n.relation AS needed
                FROM needed n
                LEFT JOIN pg_index i ON n.classid = 'pg_class'::regclass AND i.indexrelid = n.objid
                LEFT JOIN owned o ON n.classid = 'pg_class'::regclass AND o.sequence = n.objid
                LEFT JOIN pg_rewrite w ON n.classid = 'pg_rewrite'::regclass AND w.oid = n.objid
                LEFT JOIN pg_attrdef f ON n.classid = 'pg_attrdef'::regclass AND f.oid = n.objid
                LEFT JOIN pg_constraint k ON n.classid = 'pg_constraint'::regclass AND k.oid = n.objid
                LEFT JOIN pg_trigger g ON n.classid = 'pg_trigger'::regclass AND g.oid = n.objid
                LEFT JOIN pg_policy p ON n.classid = 'pg_policy'::regclass AND p.oid = n.objid
                LEFT JOIN pg_statistic_ext s ON n.classid = 'pg_statistic_ext'::regclass AND s.oid = n.objid
                LEFT JOIN row_type t ON n.classid = 'pg_type'::regclass AND t.type = n.objid
                WHERE k.contype IS DISTINCT FROM 'f')
            SELECT DISTINCT coalesce(relation, 0), needed FROM needing
            WHERE coalesce(relation, 0) <> needed AND needed >= 16384
            """;

    private static final String FOREIGN_KEYS = """
            SELECT k.oid, k.conname, k.conrelid, k.confrelid, k.convalidated, pg_get_constraintdef(k.oid),
                   ARRAY (SELECT a.attname::text FROM unnest(k.conkey) WITH ORDINALITY u (n, i)
                          JOIN pg_attribute a ON a.attrelid = k.conrelid AND a.attnum = u.n ORDER BY u.i),
                   ARRAY (SELECT a.attname::text FROM unnest(k.confkey) WITH ORDINALITY u (n, i)
                          JOIN pg_attribute a ON a.attrelid = k.confrelid AND a.attnum = u.n ORDER BY u.i),
                   ARRAY (SELECT format('OPERATOR(%I.%s)', n.nspname, o.oprname)
                          FROM unnest(k.conpfeqop) WITH ORDINALITY u (p, i)
                          JOIN pg_operator o ON o.oid = u.p JOIN pg_namespace n ON n.oid = o.oprnamespace ORDER BY u.i)
            FROM pg_constraint k
            WHERE k.contype = 'f' AND k.conparentid = 0
              AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.classid = 'pg_class'::regclass AND d.objid = k.conrelid
                              AND d.deptype = 'e')
            ORDER BY k.oid
            """;

    /** @param kind as in pg_class: {@code r p f v m} */
    record Relation(long oid, String schema, String name, String kind, boolean extension) {
        boolean view() {
            return kind.equals("v") || kind.equals("m");
        }

        String shown() {
            return schema + "." + name;
        }
    }

    /**
     * A foreign key from one table to another, either of which may be partitioned.
     *
     * @param operators that compare a referenced column (left) with a referring one
     */
    record ForeignKey(
            long oid, String name, long from, long to, boolean validated, String definition, List<String> fromColumns,
            List<String> toColumns, List<String> operators) {}

    private final Map<Long, Relation> relations = new LinkedHashMap<>();
    private final Map<Long, Set<Long>> needs = new HashMap<>();
    private final Map<Long, Long> partitionOf = new HashMap<>();
    private final List<ForeignKey> foreignKeys;

    private RelationCatalog(Sql sql) {
        relations(sql).forEach(relation -> relations.put(relation.oid, relation));
        sql.list(NEEDS, row -> needs.computeIfAbsent(row.getLong(1), oid -> new HashSet<>()).add(row.getLong(2)));
        sql.list(
                "SELECT i.inhrelid, i.inhparent FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
                        + " WHERE c.relispartition",
                row -> partitionOf.put(row.getLong(1), row.getLong(2)));
        foreignKeys = sql.list(FOREIGN_KEYS, row -> new ForeignKey(
                row.getLong(1), row.getString(2), row.getLong(3), row.getLong(4), row.getBoolean(5), row.getString(6),
                List.of((String[]) row.getArray(7).getArray()), List.of((String[]) row.getArray(8).getArray()),
                List.of((String[]) row.getArray(9).getArray())));
    }

    /** The relations alone. */
    static List<Relation> relations(Sql sql) {
        return sql.list(RELATIONS, row -> new Relation(
                row.getLong(1), row.getString(2), row.getString(3), row.getString(4), row.getBoolean(5)));
    }

    static RelationCatalog read(Sql sql) {
        return new RelationCatalog(sql);
    }

    Map<Long, Relation> relations() {
        return relations;
    }

    /** Relations that the definition of a relation needs, or of anything that belongs to none (0). */
    Set<Long> needs(long relation) {
        return needs.getOrDefault(relation, Set.of());
    }

    /** Who needs something: relations, and 0 for what belongs to none. */
    Set<Long> needing() {
        return needs.keySet();
    }

    List<ForeignKey> foreignKeys() {
        return foreignKeys;
    }

    /** The relation itself and the partitioned tables above it. */
    List<Relation> withAncestors(Relation relation) {
        List<Relation> line = new ArrayList<>(List.of(relation));
        for (Long up = partitionOf.get(relation.oid); up != null; up = partitionOf.get(up)) {
            if (relations.containsKey(up)) {
                line.add(relations.get(up));
            }
        }
        return line;
    }

    /** The tables that hold the rows of a table: itself, or its partitions. */
    List<Relation> leaves(long table) {
        Relation self = relations.get(table);
        if (self == null) {
            return List.of();
        }
        if (!self.kind.equals("p")) {
            return List.of(self);
        }
        return relations.values().stream()
                .filter(each -> each.kind.equals("r") && withAncestors(each).contains(self))
                .toList();
    }
}
