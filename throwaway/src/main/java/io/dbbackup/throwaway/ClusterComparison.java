package io.dbbackup.throwaway;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Says how two servers, or chosen databases of theirs, differ: databases, rows of every table (count and a hash that does not
 * depend on their order), sequences, large objects, the schema as {@code pg_dump} writes it, roles and other globals as
 * {@code pg_dumpall} does. Works with SQL and PostgreSQL's tools alone and shares nothing with the backup engine, so that it
 * can judge it. Both sides are read by the tools of the expected side.
 *
 * <p>The superusers that the two endpoints log in as are not compared: each server has its own.
 *
 * <pre>{@code
 * assertThat(ClusterComparison.between(source.endpoint(), target.endpoint()).differences()).isEmpty();
 * }</pre>
 */
public final class ClusterComparison {

    private final PostgresEndpoint expected;
    private final PostgresEndpoint actual;
    private Optional<Map<String, String>> chosen = Optional.empty();
    private boolean withGlobals = true;

    private ClusterComparison(PostgresEndpoint expected, PostgresEndpoint actual) {
        this.expected = expected;
        this.actual = new PostgresEndpoint(
                expected.binaries(), actual.host(), actual.port(), actual.user(), actual.password());
    }

    /** Compares everything, unless restricted afterwards. */
    public static ClusterComparison between(PostgresEndpoint expected, PostgresEndpoint actual) {
        return new ClusterComparison(expected, actual);
    }

    /** The same for two running instances. */
    public static ClusterComparison between(PostgresInstance expected, PostgresInstance actual) {
        return between(expected.endpoint(), actual.endpoint());
    }

    /** Compares only this database, under the same name on both sides, and no globals. Can be called several times. */
    public ClusterComparison database(String name) {
        return database(name, name);
    }

    /** Compares only this database, which has another name on the actual side, and no globals. */
    public ClusterComparison database(String expectedName, String actualName) {
        Map<String, String> names = new LinkedHashMap<>(chosen.orElse(Map.of()));
        names.put(expectedName, actualName);
        chosen = Optional.of(names);
        withGlobals = false;
        return this;
    }

    /** Compares roles, memberships, role settings and tablespaces, but no database. */
    public ClusterComparison globalsOnly() {
        chosen = Optional.of(Map.of());
        withGlobals = true;
        return this;
    }

    /** Leaves roles, memberships, role settings and tablespaces out. */
    public ClusterComparison withoutGlobals() {
        withGlobals = false;
        return this;
    }

    /**
     * What was compared and what differs.
     *
     * @param databases number of databases compared
     * @param tables number of tables compared, a partitioned table counting once
     * @param rows number of rows on the expected side
     * @param differences one readable sentence each; empty means equal
     */
    public record Result(int databases, int tables, long rows, List<String> differences) {

        public Result {
            differences = List.copyOf(differences);
        }

        public boolean isEqual() {
            return differences.isEmpty();
        }
    }

    /** Shorthand for {@code compare().differences()}. */
    public List<String> differences() {
        return compare().differences();
    }

    /**
     * Reads both sides. Neither should change meanwhile.
     *
     * @throws ThrowawayException when a side cannot be read at all
     */
    public Result compare() {
        List<String> differences = new ArrayList<>();
        Map<String, String> pairs = chosen.orElseGet(() -> commonDatabases(differences));
        if (withGlobals) {
            differences.addAll(new MapDifference("globals").between(GlobalsText.of(expected), GlobalsText.of(actual)));
        }
        int tables = 0;
        long rows = 0;
        for (Map.Entry<String, String> pair : pairs.entrySet()) {
            String database = pair.getKey();
            DatabaseContent content = DatabaseContent.read(expected, database);
            tables += content.tables();
            rows += content.rows();
            differences.addAll(new MapDifference("database " + database)
                    .between(content.fingerprints(), DatabaseContent.read(actual, pair.getValue()).fingerprints()));
            differences.addAll(new MapDifference("schema of database " + database)
                    .between(SchemaText.of(expected, database, database), SchemaText.of(actual, pair.getValue(), database)));
        }
        return new Result(pairs.size(), tables, rows, differences);
    }

    private Map<String, String> commonDatabases(List<String> differences) {
        TreeSet<String> here = DatabaseContent.databases(expected);
        TreeSet<String> there = DatabaseContent.databases(actual);
        Map<String, String> common = new TreeMap<>();
        for (String name : here) {
            if (there.contains(name)) {
                common.put(name, name);
            } else {
                differences.add("database " + name + " is missing");
            }
        }
        there.stream().filter(name -> !here.contains(name)).forEach(n -> differences.add("database " + n + " is unexpected"));
        return common;
    }
}
