package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.backup.RelationCatalog.ForeignKey;
import io.dbbackup.engine.mysql.backup.TableDefinition.Column;
import io.dbbackup.engine.partial.SampleGraph;
import io.dbbackup.engine.partial.SampleGraph.Edge;
import io.dbbackup.model.Sample;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Queries that read a sample of each table, such that rows that chosen rows refer to are chosen too. Immutable once made;
 * thread-safe.
 *
 * <p>Nothing is written to the source and nothing is remembered here: each table's query finds out anew to which of its rows
 * the chosen rows of other tables refer, by common table expressions. All of them see one snapshot, and what is chosen depends
 * on the rows alone, so that they agree.
 *
 * <p>A row is chosen by the hash of its primary key (of the whole row where there is none) and the seed. Circles of foreign keys (a
 * table that refers to itself among them) need recursion; hence they are followed only between tables that have a primary key, and
 * when they are few.
 */
final class SamplePlan {
    private static final long MOST_RECURSIVE = 1_000_000;
    /** A key has at most 3072 bytes, and a row of a recursion, which has room for a key of each table, at most 65535. */
    private static final int MOST_IN_CIRCLE = 20;
    private static final Set<String> WITHOUT_TEXT = Set.of(
            "geometry", "point", "linestring", "polygon", "multipoint", "multilinestring", "multipolygon",
            "geometrycollection", "geomcollection");

    private final Sample sample;
    private final Map<String, TableDefinition> tables = new TreeMap<>();
    private final SampleGraph<String, ForeignKey> graph = new SampleGraph<>();
    private final Map<ForeignKey, Integer> numbers = new HashMap<>();

    /** @param taken tables whose rows are taken */
    SamplePlan(Sample sample, RelationCatalog catalog, String database, List<TableDefinition> taken) {
        this.sample = sample;
        taken.forEach(table -> tables.put(table.name(), table));
        for (ForeignKey key : catalog.foreignKeys()) {
            numbers.put(key, numbers.size() + 1);
            if (key.toDatabase().equals(database) && tables.containsKey(key.table()) && tables.containsKey(key.toTable())) {
                graph.follow(key.table(), key.toTable(), key);
            }
        }
        breakCircles();
        graph.unfollowCrowds(SampleGraph.MOST_TABLES);
        Map<String, Long> ways = new HashMap<>();
        tables.keySet().forEach(table -> ways(table, ways));
    }

    private void breakCircles() {
        for (String table : graph.tables()) {
            if (tables.get(table).primaryKey().isEmpty() && graph.turns(graph.circle(table))) {
                graph.unfollow(
                        Set.of(table), graph.inside(graph.circle(table)),
                        "it is part of a circle of foreign keys, and the table that it refers to has no primary key");
            }
        }
        for (String table : graph.tables()) {
            Set<String> circle = graph.circle(table);
            if (!graph.turns(circle)) {
                continue;
            }
            if (circle.size() > MOST_IN_CIRCLE) {
                graph.unfollow(
                        circle, graph.inside(circle), "it is part of a circle of more than " + MOST_IN_CIRCLE + " tables");
            } else if (graph.referring(table).stream().mapToLong(this::expected).sum() > MOST_RECURSIVE) {
                graph.unfollow(
                        circle, graph.inside(circle),
                        "it is part of a circle of foreign keys, and the sample is too large for these");
            }
        }
    }

    /** In how many ways chosen rows lead to a table: the server may ask for each of them again. */
    private long ways(String table, Map<String, Long> known) {
        Long found = known.get(table);
        if (found != null) {
            return found;
        }
        Set<String> circle = graph.circle(table);
        List<Edge<String, ForeignKey>> outside = circle.stream().flatMap(member -> outside(member).stream()).toList();
        long ways = 1 + outside.stream().mapToLong(edge -> ways(edge.from(), known)).sum();
        if (ways > SampleGraph.MOST_TABLES) {
            graph.unfollow(circle, outside, SampleGraph.TOO_MANY);
            ways = 1;
        }
        for (String member : circle) {
            known.put(member, ways);
        }
        return ways;
    }

    /** Rows of a table that are chosen by themselves, by what the statistics say. */
    private long expected(String table) {
        long rows = tables.get(table).rows();
        return sample.rows() > 0 ? Math.min(rows, sample.rows()) : (long) (rows * sample.fraction());
    }

    /** Why foreign keys are not followed. */
    Map<ForeignKey, String> unfollowed() {
        return graph.unfollowed();
    }

    /** About how many bytes of a table are chosen. */
    long bytes(TableDefinition table) {
        return table.rows() == 0
                ? table.bytes()
                : (long) ((double) table.bytes() * Math.min(1, (double) expected(table.name()) / table.rows()));
    }

    /** Reads the chosen rows of a table. */
    String read(TableDefinition table) {
        Map<String, String> expressions = new LinkedHashMap<>();
        define(table.name(), expressions, new HashSet<>());
        String with = expressions.entrySet().stream()
                .map(entry -> entry.getKey() + " AS (" + entry.getValue() + ")")
                .collect(Collectors.joining(",\n"));
        return (with.isEmpty() ? "" : "WITH RECURSIVE " + with + "\n") + table.readAll() + " WHERE " + chosen(table.name())
                + table.inOrder();
    }

    /** Adds the expressions that the condition of a table names, each after those that it names itself. */
    private void define(String table, Map<String, String> expressions, Set<String> done) {
        Set<String> circle = graph.circle(table);
        if (!done.addAll(circle)) {
            return;
        }
        for (String member : circle) {
            for (Edge<String, ForeignKey> edge : outside(member)) {
                define(edge.from(), expressions, done);
                List<String> columns = quoted(edge.key().columns());
                expressions.put(
                        referred(edge) + " " + numbered("v", columns.size()),
                        "SELECT " + String.join(", ", columns) + " FROM " + Quoting.identifier(edge.from()) + " WHERE ("
                                + chosen(edge.from()) + ")"
                                + columns.stream().map(column -> " AND " + column + " IS NOT NULL").collect(Collectors.joining()));
            }
        }
        if (graph.turns(circle)) {
            SampleCircle recursion = new SampleCircle(circle, tables);
            expressions.put(recursion.head(), recursion.query(graph.inside(circle), this::fromOutside));
        }
    }

    /** Whether a row of a table is chosen. */
    private String chosen(String table) {
        Set<String> circle = graph.circle(table);
        return graph.turns(circle) ? new SampleCircle(circle, tables).chosen(table) : fromOutside(table);
    }

    /** Whether it is chosen by itself, or rows of other tables refer to it that are. */
    private String fromOutside(String table) {
        List<String> ways = new ArrayList<>(List.of(base(tables.get(table))));
        outside(table).forEach(edge -> ways.add("(" + String.join(", ", quoted(edge.key().toColumns()))
                + ") IN (SELECT * FROM " + referred(edge) + ")"));
        return String.join(" OR ", ways);
    }

    private String base(TableDefinition table) {
        List<Column> identity = table.primaryKey().isEmpty() ? table.columns() : table.primaryKey();
        // as text first: the digits of a number are not all in its hexadecimal form; any field may be large
        String ofField = table.primaryKey().isEmpty() ? ", sha2(concat(%s), 256)" : ", hex(concat(%s))";
        String hash = "left(sha2(concat_ws(',', '" + sample.seed() + "'" + identity.stream()
                .filter(column -> !WITHOUT_TEXT.contains(column.type()))
                .map(column -> ofField.replace("%s", Quoting.identifier(column.name())))
                .collect(Collectors.joining()) + "), 256), 16)";
        if (sample.rows() > 0) {
            return hash + " <= (SELECT max(h) FROM (SELECT " + (table.versioned() ? "DISTINCT " : "") + hash + " AS h FROM " + table.from() + " ORDER BY h LIMIT "
                    + sample.rows() + ") z)";
        }
        BigInteger bound = BigDecimal.valueOf(sample.fraction()).multiply(new BigDecimal(BigInteger.TWO.pow(64))).toBigInteger();
        return hash + " < '" + String.format(Locale.ROOT, "%016x", bound) + "'";
    }

    /** What leads to a table from others that are in no circle with it. */
    private List<Edge<String, ForeignKey>> outside(String table) {
        Set<String> circle = graph.circle(table);
        return graph.into(table).stream().filter(edge -> !circle.contains(edge.from())).toList();
    }

    private static List<String> quoted(List<String> columns) {
        return columns.stream().map(Quoting::identifier).toList();
    }

    private static String numbered(String letter, int count) {
        return IntStream.rangeClosed(1, count).mapToObj(i -> letter + i).collect(Collectors.joining(", ", "(", ")"));
    }

    /** No table is called like that, which would be hidden. */
    private String referred(Edge<String, ForeignKey> edge) {
        return "`dbbackup rows referred to by " + numbers.get(edge.key()) + "`";
    }
}
