package io.dbbackup.throwaway;

import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * Fills a server with sample data: every kind of object a logical backup must survive, and one table large enough to be split.
 * The same calls give the same data each time. Not thread-safe.
 *
 * <pre>{@code
 * SampleCluster.on(server).largeTable("shop", 2_000_000).everything();
 * SampleCluster.on(server).with("app", Sample.PARTITIONS, Sample.LARGE_OBJECTS);
 * }</pre>
 */
public final class SampleCluster {

    /** Rows of the large table when nothing else is said: about 15 MB. */
    public static final long DEFAULT_ROWS = 100_000;

    private static final String LARGE = "shop";

    private final PostgresEndpoint server;
    private final Set<String> databases = new LinkedHashSet<>();
    private boolean hasRoles;

    private SampleCluster(PostgresEndpoint server) {
        this.server = server;
    }

    /** A server that holds none of the sample roles and databases yet. */
    public static SampleCluster on(PostgresInstance instance) {
        return new SampleCluster(instance.endpoint());
    }

    /** As superuser of that server. */
    public static SampleCluster on(PostgresEndpoint superuser) {
        return new SampleCluster(superuser);
    }

    /** What has been created so far, in that order. */
    public List<String> databases() {
        return List.copyOf(databases);
    }

    /** Creates the roles; the other methods do it by themselves. */
    public SampleCluster roles() {
        if (!hasRoles) {
            server.psql("postgres", Sample.script("roles"));
            hasRoles = true;
        }
        return this;
    }

    /** Creates a database (unless this object has already) with these groups in it. */
    public SampleCluster with(String database, Sample... groups) {
        createDatabase(database, "");
        for (Sample group : groups) {
            server.psql(database, group.script());
        }
        return this;
    }

    /** A table {@code orders} of about 150 bytes a row, and {@code customers} with a twentieth of its rows. */
    public SampleCluster largeTable(String database, long rows) {
        createDatabase(database, "");
        server.psql(database, "\\set rows " + rows + "\n" + Sample.script("large_table"));
        return this;
    }

    /** That many small tables in five schemas. */
    public SampleCluster manyTables(String database, int tables) {
        createDatabase(database, "");
        server.psql(database, "\\set rows " + tables + "\n" + Sample.script("many_tables"));
        return this;
    }

    /** A database with the encoding LATIN1. */
    public SampleCluster latin1(String database) {
        createDatabase(database, " ENCODING 'LATIN1'");
        server.psql(database, Sample.script("latin1"));
        return this;
    }

    /** A database with the encoding SQL_ASCII, holding bytes that are no valid UTF-8. */
    public SampleCluster sqlAscii(String database) {
        createDatabase(database, " ENCODING 'SQL_ASCII'");
        server.psql(database, Sample.script("sql_ascii"));
        return this;
    }

    /**
     * Thirteen databases of different size, several with odd names, with everything in them. The large table has
     * {@link #DEFAULT_ROWS} rows unless {@code largeTable("shop", rows)} was called before.
     */
    public SampleCluster everything() {
        if (!databases.contains(LARGE)) {
            largeTable(LARGE, DEFAULT_ROWS);
        }
        return with(LARGE, Sample.FOREIGN_KEYS, Sample.SEQUENCES)
                .with("warehouse", Sample.PARTITIONS, Sample.PARTITIONS_BY_ENUM, Sample.INHERITANCE, Sample.MATVIEWS,
                        Sample.TRIGGERS, Sample.ROUTINES)
                .with("Ünïcode db-1", Sample.LARGE_OBJECTS, Sample.ODD_NAMES)
                .with("a=b", Sample.TYPES, Sample.VALUES)
                .with("-dash", Sample.UNUSUAL_TABLES)
                .with("rights \"and\" 'quotes'", Sample.RIGHTS, Sample.ROW_SECURITY)
                .with("Search Path", Sample.SEARCH_PATH)
                .with("frozen", Sample.EVENT_TRIGGER)
                .with("federation", Sample.FOREIGN_DATA, Sample.EXTENSIONS, Sample.REPLICATION)
                .with("empty")
                .manyTables("many tables", 200)
                .latin1("latin1")
                .sqlAscii("raw bytes");
    }

    private void createDatabase(String database, String options) {
        roles();
        if (databases.add(database)) {
            String locale = options.isEmpty() ? "" : " LOCALE 'C'";
            server.psql("postgres", String.format(Locale.ROOT, "CREATE DATABASE \"%s\" TEMPLATE template0%s%s",
                    database.replace("\"", "\"\""), options, locale));
        }
    }
}
