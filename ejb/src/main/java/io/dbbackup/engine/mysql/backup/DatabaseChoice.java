package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.BackupSpec;
import java.util.ArrayList;
import java.util.List;

/** Which databases a backup takes, in the order of their names. */
final class DatabaseChoice {
    private static final List<String> SERVERS = List.of("mysql", "information_schema", "performance_schema", "sys");

    /** What a restore has not finished is no database yet. A database called SYS, where case counts, is not the server's own. */
    private static final String DATABASES = """
            SELECT s.schema_name FROM information_schema.schemata s
            WHERE CAST(s.schema_name AS BINARY) NOT IN ('%s')
                AND s.schema_name NOT LIKE 'dbbackup\\_restoring\\_%%'
            ORDER BY s.schema_name
            """.formatted(String.join("', '", SERVERS));

    /** Of one database: MariaDB would open the tables and views of all others, too, if the name were not a constant. */
    private static final String BYTES =
            "SELECT coalesce(sum(data_length), 0) FROM information_schema.tables WHERE table_schema = ?";

    /** How MariaDB lists a directory whose name it has not written itself. */
    private static final String FOREIGN = "#mysql50#";
    private static final String TABLES = "SELECT count(*) FROM information_schema.tables WHERE table_schema = ?";

    private DatabaseChoice() {}

    /** Whether it is one of the server's own, which no backup of a whole server takes. */
    static boolean ofTheServer(String database) {
        return SERVERS.contains(database);
    }

    /** @param bytes estimate of the bytes of its rows */
    record Database(String name, long bytes) {}

    /** @throws BackupException UNKNOWN_DATABASE naming all that do not exist */
    static List<Database> of(Endpoint endpoint, BackupSpec spec) {
        try (Session session = Session.open(endpoint, "", "databases")) {
            List<String> all = all(session.sql());
            return chosen(endpoint, spec, all).stream()
                    .map(name -> new Database(name, session.sql().number(BYTES, name)))
                    .toList();
        }
    }

    /** Number of those that a backup of the whole server would take. */
    static int ofServer(Endpoint endpoint) {
        try (Session session = Session.open(endpoint, "", "databases")) {
            return all(session.sql()).size();
        }
    }

    /**
     * Without directories that are no databases, such as the lost+found of a file system: no server takes a database of such a name, so that
     * a restore of all would not come to its end. One with tables is another matter, and can be restored under another name.
     */
    private static List<String> all(Sql sql) {
        return sql.list(DATABASES, row -> row.getString(1)).stream()
                .filter(name -> isOne(sql, name)).toList();
    }

    /** False of a directory in which the server sees no table, or may not look. */
    static boolean isOne(Sql sql, String listed) {
        return !foreign(listed) || sql.number(TABLES, listed) > 0;
    }

    /** Whether the name is that of a directory, without the codes in which servers write names of databases. */
    static boolean foreign(String database) {
        return database.startsWith(FOREIGN);
    }

    static String directory(String foreign) {
        return foreign.substring(FOREIGN.length());
    }

    private static List<String> chosen(Endpoint endpoint, BackupSpec spec, List<String> all) {
        if (spec.wholeCluster()) {
            return all.stream().filter(database -> !spec.excludedDatabases().contains(database)).toList();
        }
        List<String> missing = new ArrayList<>(spec.databases());
        missing.removeAll(all);
        if (!missing.isEmpty()) {
            throw new BackupException(
                    ErrorCode.UNKNOWN_DATABASE,
                    endpoint + " has no database \"" + String.join("\", \"", missing) + "\"",
                    "The account sees: " + String.join(", ", all.stream().limit(20).toList()) + ".");
        }
        return all.stream().filter(spec.databases()::contains).toList();
    }
}
