package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.backup.RelationCatalog.ForeignKey;
import io.dbbackup.engine.partial.SampleGraph.Edge;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * The recursion that finds the chosen rows of tables that refer to each other, or of one that refers to itself. Each of its rows holds
 * the primary key of one row of one table, in columns of its own, so that it keeps its type and its index can be used.
 *
 * @param members the tables, in the order of their columns
 * @param tables all tables, by name
 */
record SampleCircle(Set<String> members, Map<String, TableDefinition> tables) {
    /** No table is called like that, which would be hidden. */
    private String name() {
        return "`dbbackup rows of circle " + List.copyOf(tables.keySet()).indexOf(members.iterator().next()) + "`";
    }

    /** What stands before AS. */
    String head() {
        return name() + members.stream()
                .flatMap(member -> places(member).stream()).collect(Collectors.joining(", ", " (", ")"));
    }

    /**
     * What stands behind AS.
     *
     * @param inside the foreign keys between the members
     * @param fromOutside condition for the rows of a member that are chosen whatever the circle leads to
     */
    String query(List<Edge<String, ForeignKey>> inside, UnaryOperator<String> fromOutside) {
        List<String> queries = new ArrayList<>();
        // these come first, and have each column once with the type that it shall have
        members.forEach(member -> queries.add("SELECT " + selected(member, "") + " FROM " + Quoting.identifier(member) + " WHERE "
                + fromOutside.apply(member)));
        for (Edge<String, ForeignKey> edge : inside) {
            List<String> columns = edge.key().columns();
            queries.add("SELECT " + selected(edge.to(), "p.") + " FROM " + name() + " x JOIN " + Quoting.identifier(edge.from())
                    + " c ON " + equal("c.", key(edge.from()), "x.", places(edge.from())) + " JOIN "
                    + Quoting.identifier(edge.to()) + " p ON " + equal("p.", quoted(edge.key().toColumns()), "c.", quoted(columns)));
        }
        return String.join("\nUNION ", queries);
    }

    /** Condition for the rows of a member that are chosen. */
    String chosen(String table) {
        List<String> places = places(table);
        return "(" + String.join(", ", key(table)) + ") IN (SELECT " + String.join(", ", places) + " FROM " + name() + " WHERE "
                + places.get(0) + " IS NOT NULL)";
    }

    private String selected(String table, String prefix) {
        return members.stream()
                .flatMap(member -> key(member).stream().map(column -> member.equals(table) ? prefix + column : "NULL"))
                .collect(Collectors.joining(", "));
    }

    private List<String> key(String table) {
        return quoted(tables.get(table).primaryKey().stream().map(TableDefinition.Column::name).toList());
    }

    /** The columns that hold the key of a table. */
    private List<String> places(String table) {
        int number = List.copyOf(members).indexOf(table);
        return IntStream.range(0, key(table).size()).mapToObj(i -> "k" + number + "_" + i).toList();
    }

    private static List<String> quoted(List<String> columns) {
        return columns.stream().map(Quoting::identifier).toList();
    }

    private static String equal(String left, List<String> ours, String right, List<String> theirs) {
        return IntStream.range(0, ours.size())
                .mapToObj(i -> left + ours.get(i) + " = " + right + theirs.get(i))
                .collect(Collectors.joining(" AND "));
    }
}
