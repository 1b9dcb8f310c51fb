package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.partial.SampleGraph;
import io.dbbackup.engine.partial.SampleGraph.Edge;
import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.engine.postgresql.sliced.SlicedTable;
import io.dbbackup.engine.postgresql.backup.RelationCatalog.Relation;
import io.dbbackup.engine.postgresql.backup.RelationCatalog.ForeignKey;
import io.dbbackup.model.Sample;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Queries that read a sample of each table, such that rows that chosen rows refer to are chosen too. Immutable once made;
 * thread-safe.
 *
 * <p>Nothing is written to the source and nothing is remembered here: each table's query finds out anew which rows of the
 * tables that refer to it are chosen, by common table expressions that the server spills to its disk. All of them see one
 * snapshot, and what is chosen depends on the rows alone, so that they agree.
 *
 * <p>A row is chosen by the hash of its primary key (of the whole row where there is none) and the seed: the same rows from a
 * copy of the database or on another day. Circles of foreign keys need recursion, for which the server keeps all chosen rows
 * of the circle in memory; hence these are followed only when they are few.
 */
final class SamplePlan implements AutoCloseable {
    /** Most rows that a recursion may be expected to find: about 100 MB of the server's memory. */
    private static final long MOST_RECURSIVE = 1_000_000;

    private static final String FACTS = """
            SELECT c.oid, greatest(c.reltuples, 0)::bigint,
                   ARRAY (SELECT a.attname::text FROM pg_index i CROSS JOIN unnest(i.indkey::int2[]) WITH ORDINALITY u (n, o)
                          JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = u.n
                          WHERE i.indrelid = c.oid AND i.indisprimary ORDER BY u.o)
            FROM pg_class c WHERE c.oid = ANY (?::oid[])
            """;

    private record Facts(long oid, long rows, List<String> key) {}

    private final Sample sample;
    private final RelationCatalog catalog;
    private final SampleGraph<Long, ForeignKey> graph = new SampleGraph<>();
    private final Map<Long, Facts> facts = new HashMap<>();

    /**
     * @param tables whose rows are taken
     * @param steady oids of those that are locked until the snapshot ends
     */
    SamplePlan(Sql sql, Sample sample, TableChoice choice, List<TableListing> tables, Set<Long> steady, int major) {
        this.sample = sample;
        catalog = choice.catalog();
        Set<Long> sampled = new HashSet<>();
        for (TableListing table : tables) {
            Relation relation = catalog.relations().get(table.oid());
            // what an extension marked is small and chosen by itself; rows without pages cannot be named
            if (table.heap() && relation != null && !relation.extension()) {
                sampled.add(table.oid());
            }
        }
        sql.list(FACTS, row -> new Facts(
                        row.getLong(1), row.getLong(2), List.of((String[]) row.getArray(3).getArray())),
                        (Object) sampled.toArray(Long[]::new))
                .forEach(found -> facts.put(found.oid, found));
        catalog.foreignKeys().forEach(key -> follow(key, steady));
        graph.unfollowCrowds(SampleGraph.MOST_TABLES);
        breakCircles(major);
    }

    /** Keys of tables that are not sampled are satisfied, or are nobody's concern. */
    private void follow(ForeignKey key, Set<Long> steady) {
        List<Long> from = sampled(key.from());
        List<Long> to = sampled(key.to());
        if (from.size() * to.size() > SampleGraph.MOST_TABLES) {
            graph.refuse(key, "its tables have too many partitions for a sample to follow it");
        } else if (!steady.containsAll(from)) {
            graph.refuse(key, "the server has too little room for locks to follow it while a sample is taken"
                    + " (max_locks_per_transaction)");
        } else {
            from.forEach(child -> to.forEach(parent -> graph.follow(child, parent, key)));
        }
    }

    /** The tables that hold the rows of a table, as far as a sample of them is taken. */
    private List<Long> sampled(long table) {
        return catalog.leaves(table).stream().map(Relation::oid).filter(facts::containsKey).toList();
    }

    private void breakCircles(int major) {
        for (long table : graph.tables()) {
            Set<Long> circle = graph.circle(table);
            if (!graph.turns(circle)) {
                continue;
            }
            long rows = graph.referring(table).stream().mapToLong(this::expected).sum();
            List<Edge<Long, ForeignKey>> inside = graph.inside(circle);
            if (rows > MOST_RECURSIVE) {
                graph.unfollow(circle, inside, "it is part of a circle of foreign keys, and the sample is too large for these");
            } else if (major < 14) {
                graph.unfollow(circle, inside, "it is part of a circle of foreign keys, which needs PostgreSQL 14");
            }
        }
    }

    /** Rows of a table that are chosen by themselves, by what the statistics say. */
    private long expected(long table) {
        long rows = facts.get(table).rows;
        return sample.rows() > 0 ? Math.min(rows, sample.rows()) : (long) (rows * sample.fraction());
    }

    /** Why foreign keys are not followed, by their oids. */
    Map<Long, String> unfollowed() {
        Map<Long, String> unfollowed = new HashMap<>();
        graph.unfollowed().forEach((key, reason) -> unfollowed.put(key.oid(), reason));
        return unfollowed;
    }

    /** About how many bytes of a table are chosen. */
    long bytes(TableListing table) {
        Facts known = facts.get(table.oid());
        if (known == null || known.rows == 0) {
            return table.bytes();
        }
        return (long) ((double) table.bytes() * Math.min(1, (double) expected(table.oid()) / known.rows));
    }

    /** Reads the chosen rows of a table. */
    String read(TableDefinition table, CopyStatements statements) {
        if (!facts.containsKey(table.oid())) {
            return statements.readAll();
        }
        return statements.readChosen(with(table.oid()), "SELECT tid FROM " + chosen(table.oid()));
    }

    /** The chosen rows of a table, for statements of another kind. */
    SlicedTable.Choice choice(TableDefinition table, CopyStatements statements) {
        return facts.containsKey(table.oid())
                ? new SlicedTable.Choice(
                        with(table.oid()), List.of("t.ctid IN (SELECT tid FROM " + chosen(table.oid()) + ")"))
                : statements.choice(0, -1);
    }

    /** The expressions that say which rows of the table, and of all that lead to it, are chosen. */
    private String with(long table) {
        List<String> expressions = new ArrayList<>();
        Set<Long> done = new HashSet<>();
        define(table, done, expressions);
        return "WITH RECURSIVE " + String.join(",\n", expressions);
    }

    private void define(long table, Set<Long> done, List<String> expressions) {
        Set<Long> circle = new LinkedHashSet<>(graph.circle(table));
        if (!done.addAll(circle)) {
            return;
        }
        for (long member : circle) {
            graph.into(member).stream()
                    .map(Edge::from)
                    .filter(from -> !circle.contains(from))
                    .collect(Collectors.toCollection(TreeSet::new))
                    .forEach(from -> define(from, done, expressions));
        }
        if (!graph.turns(circle)) {
            expressions.add(chosen(table) + " (tid) AS MATERIALIZED (" + union(from(table, circle)) + ")");
            return;
        }
        String name = "circle_" + circle.iterator().next();
        List<String> start = new ArrayList<>();
        List<String> steps = new ArrayList<>();
        for (long member : circle) {
            from(member, circle).forEach(query ->
                    start.add("SELECT " + member + "::bigint, q.tid FROM (" + query + ") q (tid)"));
            graph.into(member).stream()
                    .filter(edge -> circle.contains(edge.from()))
                    .forEach(edge -> steps.add("SELECT " + member + "::bigint, p.ctid FROM ONLY " + name(edge.from())
                            + " c JOIN ONLY " + name(member) + " p ON " + condition(edge)
                            + " WHERE x.rel = " + edge.from() + " AND c.ctid = x.tid"));
        }
        expressions.add(name + " (rel, tid) AS ((" + String.join("\nUNION ", start) + ")\nUNION\nSELECT y.rel, y.tid FROM "
                + name + " x CROSS JOIN LATERAL (" + String.join("\nUNION ALL ", steps) + ") y (rel, tid))");
        circle.forEach(member -> expressions.add(
                chosen(member) + " (tid) AS (SELECT tid FROM " + name + " WHERE rel = " + member + ")"));
    }

    private static String union(List<String> queries) {
        return queries.size() == 1 ? queries.get(0) : queries.stream().collect(Collectors.joining(")\nUNION (", "(", ")"));
    }

    /** What chooses rows of a table from outside of its circle: the sample, and rows that refer to it. */
    private List<String> from(long table, Set<Long> circle) {
        List<String> queries = new ArrayList<>(List.of(base(table)));
        graph.into(table).stream()
                .filter(edge -> !circle.contains(edge.from()))
                .forEach(edge -> queries.add("SELECT p.ctid FROM " + chosen(edge.from()) + " x JOIN ONLY "
                        + name(edge.from()) + " c ON c.ctid = x.tid JOIN ONLY " + name(table) + " p ON " + condition(edge)));
        return queries;
    }

    private String base(long table) {
        List<String> key = facts.get(table).key;
        String row = key.isEmpty()
                ? "ROW(t.*)"
                : key.stream().map(column -> "t." + Quoting.identifier(column)).collect(Collectors.joining(", ", "ROW(", ")"));
        String hash = "hashtextextended(" + row + "::text, " + sample.seed() + "::bigint)";
        String from = "SELECT t.ctid FROM ONLY " + name(table) + " t ";
        return sample.rows() > 0
                ? from + "ORDER BY " + hash + ", t.ctid LIMIT " + sample.rows()
                : from + "WHERE (" + hash + " & " + Long.MAX_VALUE + ") < "
                        + (long) (sample.fraction() * (double) Long.MAX_VALUE);
    }

    private static String condition(Edge<Long, ForeignKey> edge) {
        List<String> equal = new ArrayList<>();
        for (int i = 0; i < edge.key().fromColumns().size(); i++) {
            equal.add("p." + Quoting.identifier(edge.key().toColumns().get(i)) + " " + edge.key().operators().get(i) + " c."
                    + Quoting.identifier(edge.key().fromColumns().get(i)));
        }
        return String.join(" AND ", equal);
    }

    private static String chosen(long table) {
        return "chosen_" + table;
    }

    private String name(long table) {
        Relation relation = catalog.relations().get(table);
        return Quoting.qualified(relation.schema(), relation.name());
    }

    @Override
    public void close() {
        // text and numbers
    }
}
