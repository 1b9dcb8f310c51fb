package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.CopyFormat;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.engine.postgresql.TableProperties;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Looks tables up by their oids, in the snapshot of the session that asks. */
final class TableDefinitions {
    /**
     * Types whose binary form means the same on every server of every version and is a function of the value alone.
     * Arrays are not among them: whether their binary form has a null bitmap depends on their history, so that a
     * restored array could have another fingerprint than the one that was read.
     */
    private static final Set<Long> BINARY = Set.of(
            16L, 17L, 18L, 19L, 20L, 21L, 23L, 25L, 26L, // bool bytea "char" name int8 int2 int4 text oid
            114L, 3802L, // json jsonb
            600L, 601L, 602L, 603L, 604L, 628L, 718L, // point lseg path box polygon line circle
            700L, 701L, 790L, 1700L, // float4 float8 money numeric
            650L, 869L, 774L, 829L, // cidr inet macaddr8 macaddr
            1042L, 1043L, // bpchar varchar
            1082L, 1083L, 1114L, 1184L, 1186L, 1266L, // date time timestamp timestamptz interval timetz
            1560L, 1562L, 2950L); // bit varbit uuid

    private TableDefinitions() {}

    /** A column with its type reduced to what its binary form is: a domain's base type, 0 for an enum. */
    private record Column(long table, String name, long type, String typeName) {}

    private record Head(long oid, String schema, String name, boolean unlogged, boolean partition, String extension,
            String condition, TableDefinition.Target target) {
        /** A tree that is loaded through its root counts as one table, whose indexes are its partitions' own affair. */
        TableProperties properties(
                List<TableProperties.Index> indexes, List<TableProperties.ForeignKey> keys, List<Column> own) {
            List<TableProperties.Column> columns =
                    own.stream().map(column -> new TableProperties.Column(column.name, column.typeName)).toList();
            return target.oid() == oid
                    ? new TableProperties(oid, unlogged, partition, extension, indexes, keys, columns)
                    : new TableProperties(target.oid(), unlogged, false, "", List.of(), List.of(), columns);
        }
    }

    /**
     * @return in the order of the oids
     * @throws io.dbbackup.model.BackupException of the server
     */
    static List<TableDefinition> find(Sql sql, List<Long> oids, String encoding) {
        Long[] ids = oids.toArray(Long[]::new);
        Map<Long, Head> heads = new HashMap<>();
        heads(sql, ids).forEach(head -> heads.put(head.oid, head));
        Map<Long, List<Column>> columns = new HashMap<>();
        columns(sql, ids).forEach(c -> columns.computeIfAbsent(c.table, oid -> new ArrayList<>()).add(c));
        Map<Long, List<TableProperties.Index>> indexes = indexes(sql, ids);
        Map<Long, List<TableProperties.ForeignKey>> keys = foreignKeys(sql, ids);
        List<TableDefinition> definitions = new ArrayList<>();
        for (Long oid : oids) {
            Head head = heads.get(oid);
            if (head == null) {
                throw new IllegalStateException("the snapshot has no table with oid " + oid);
            }
            List<Column> own = columns.getOrDefault(oid, List.of());
            definitions.add(new TableDefinition(
                    oid,
                    head.schema,
                    head.name,
                    head.target,
                    own.stream().map(Column::name).toList(),
                    head.condition,
                    format(own, encoding),
                    head.properties(
                            indexes.getOrDefault(oid, List.of()), keys.getOrDefault(oid, List.of()), own)));
        }
        return definitions;
    }

    /** Binary text is converted to the client's encoding; only where that is the database's own are bytes untouched. */
    private static CopyFormat format(List<Column> columns, String encoding) {
        boolean binary = encoding.equals("UTF8")
                && !columns.isEmpty()
                && columns.stream().allMatch(column -> column.type == 0 || BINARY.contains(column.type));
        return binary ? CopyFormat.BINARY : CopyFormat.TEXT;
    }

    private static List<Head> heads(Sql sql, Long[] ids) {
        return sql.list(
                """
                SELECT c.oid, n.nspname, c.relname, c.relpersistence = 'u', c.relispartition, coalesce(e.extname, ''),
                       coalesce(e.extcondition[array_position(e.extconfig, c.oid)], ''),
                       t.oid, tn.nspname, t.relname
                FROM pg_class c
                JOIN pg_namespace n ON n.oid = c.relnamespace
                JOIN pg_class t ON t.oid = CASE WHEN
                """ + TableCatalog.ROUTED + """
                THEN pg_partition_root(c.oid) ELSE c.oid END
                JOIN pg_namespace tn ON tn.oid = t.relnamespace
                LEFT JOIN pg_depend d ON d.classid = 'pg_class'::regclass AND d.objid = c.oid AND d.objsubid = 0
                     AND d.refclassid = 'pg_extension'::regclass AND d.deptype = 'e'
                LEFT JOIN pg_extension e ON e.oid = d.refobjid
                WHERE c.oid = ANY (?::oid[])
                """,
                row -> new Head(
                        row.getLong(1),
                        row.getString(2),
                        row.getString(3),
                        row.getBoolean(4),
                        row.getBoolean(5),
                        row.getString(6),
                        row.getString(7),
                        new TableDefinition.Target(row.getLong(8), row.getString(9), row.getString(10))),
                (Object) ids);
    }

    private static List<Column> columns(Sql sql, Long[] ids) {
        return sql.list(
                """
                SELECT a.attrelid, a.attname,
                       CASE t.typtype WHEN 'e' THEN 0 WHEN 'd' THEN
                           CASE b.typtype WHEN 'e' THEN 0 ELSE b.oid END ELSE t.oid END,
                       format_type(a.atttypid, NULL)
                FROM pg_attribute a
                JOIN pg_type t ON t.oid = a.atttypid
                LEFT JOIN pg_type b ON b.oid = t.typbasetype
                LEFT JOIN pg_attribute r ON r.attrelid = pg_partition_root(a.attrelid) AND r.attname = a.attname
                WHERE a.attrelid = ANY (?::oid[]) AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = ''
                ORDER BY a.attrelid, coalesce(r.attnum, a.attnum)
                """,
                row -> new Column(row.getLong(1), row.getString(2), row.getLong(3), row.getString(4)),
                (Object) ids);
    }

    private static Map<Long, List<TableProperties.Index>> indexes(Sql sql, Long[] ids) {
        Map<Long, List<TableProperties.Index>> found = new LinkedHashMap<>();
        sql.list(
                """
                SELECT i.indrelid, i.indexrelid, c.relname, coalesce(k.oid, 0),
                       EXISTS (SELECT FROM pg_depend d
                               WHERE d.classid = 'pg_class'::regclass AND d.objid = i.indexrelid
                                 AND d.refclassid IN ('pg_proc'::regclass, 'pg_operator'::regclass)),
                       m.amname <> 'btree' OR EXISTS (
                               SELECT FROM unnest(i.indcollation) o
                               WHERE o NOT IN (0, 'pg_catalog."C"'::regcollation, 'pg_catalog."POSIX"'::regcollation))
                FROM pg_index i
                JOIN pg_class c ON c.oid = i.indexrelid
                JOIN pg_am m ON m.oid = c.relam
                LEFT JOIN pg_constraint k
                     ON k.conindid = i.indexrelid AND k.conrelid = i.indrelid AND k.contype IN ('p', 'u', 'x')
                WHERE i.indrelid = ANY (?::oid[])
                ORDER BY i.indrelid, i.indexrelid
                """,
                row -> found.computeIfAbsent(row.getLong(1), oid -> new ArrayList<>())
                        .add(new TableProperties.Index(
                                row.getLong(2), row.getString(3), row.getLong(4), row.getBoolean(5),
                                row.getBoolean(6))),
                (Object) ids);
        return found;
    }

    private static Map<Long, List<TableProperties.ForeignKey>> foreignKeys(Sql sql, Long[] ids) {
        Map<Long, List<TableProperties.ForeignKey>> found = new LinkedHashMap<>();
        sql.list(
                """
                SELECT k.conrelid, k.oid, k.conname, k.confrelid
                FROM pg_constraint k JOIN pg_class r ON r.oid = k.confrelid
                WHERE k.contype = 'f' AND k.conparentid = 0 AND r.relkind = 'r' AND k.conrelid = ANY (?::oid[])
                ORDER BY k.conrelid, k.oid
                """,
                row -> found.computeIfAbsent(row.getLong(1), oid -> new ArrayList<>())
                        .add(new TableProperties.ForeignKey(row.getLong(2), row.getString(3), row.getLong(4))),
                (Object) ids);
        return found;
    }
}
