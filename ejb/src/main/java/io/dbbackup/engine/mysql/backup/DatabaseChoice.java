package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Session;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.BackupSpec;
import java.util.ArrayList;
import java.util.List;

/** Which databases a backup takes, in the order of their names. */
final class DatabaseChoice {
    /** What a restore has not finished is no database yet. A database called SYS, where case counts, is not the server's own. */
    private static final String DATABASES = """
            SELECT s.schema_name, (SELECT coalesce(sum(t.data_length), 0) FROM information_schema.tables t
                                   WHERE t.table_schema = s.schema_name)
            FROM information_schema.schemata s
            WHERE CAST(s.schema_name AS BINARY) NOT IN ('mysql', 'information_schema', 'performance_schema', 'sys')
                AND s.schema_name NOT LIKE 'dbbackup\\_restoring\\_%'
            ORDER BY s.schema_name
            """;

    private DatabaseChoice() {}

    /** @param bytes estimate of the bytes of its rows */
    record Database(String name, long bytes) {}

    /** @throws BackupException UNKNOWN_DATABASE naming all that do not exist */
    static List<Database> of(Endpoint endpoint, BackupSpec spec) {
        List<Database> all;
        try (Session session = Session.open(endpoint, "", "databases")) {
            all = session.sql().list(DATABASES, row -> new Database(row.getString(1), row.getLong(2)));
        }
        if (spec.wholeCluster()) {
            return all.stream().filter(database -> !spec.excludedDatabases().contains(database.name())).toList();
        }
        List<String> missing = new ArrayList<>(spec.databases());
        missing.removeAll(all.stream().map(Database::name).toList());
        if (!missing.isEmpty()) {
            throw new BackupException(
                    ErrorCode.UNKNOWN_DATABASE,
                    endpoint + " has no database \"" + String.join("\", \"", missing) + "\"",
                    "The account sees: "
                            + String.join(", ", all.stream().map(Database::name).limit(20).toList()) + ".");
        }
        return all.stream().filter(database -> spec.databases().contains(database.name())).toList();
    }
}
