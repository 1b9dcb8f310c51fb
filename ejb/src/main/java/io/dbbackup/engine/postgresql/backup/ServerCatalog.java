package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.PgConnections;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ServerFacts;
import java.sql.Connection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;

/** What a server says about itself and its databases. */
public final class ServerCatalog {
    private ServerCatalog() {}

    /**
     * A database of the server.
     *
     * @param connectable whether anybody may connect: false for template0 and for leftovers of an interrupted DROP
     * @param bytes its size on disk, 0 when the role may not know it
     */
    record Database(String name, boolean connectable, long bytes) {}

    static <T> T ask(Endpoint endpoint, String database, String purpose, Function<Sql, T> question) {
        Connection connection = PgConnections.open(endpoint, database, purpose);
        try {
            return question.apply(new Sql(connection, endpoint));
        } finally {
            SnapshotSession.closeQuietly(connection);
        }
    }

    /** Connects to the maintenance database and describes the server. */
    public static ServerFacts describe(Endpoint endpoint) {
        return ask(endpoint, endpoint.maintenanceDatabase(), "describe", sql -> {
            Map<String, String> details = new LinkedHashMap<>();
            details.put("encoding", sql.text("SELECT getdatabaseencoding()"));
            details.put("standby", sql.text("SELECT pg_is_in_recovery()::text"));
            details.put("versionText", sql.text("SELECT version()"));
            boolean control = sql.truth("SELECT has_function_privilege('pg_control_system()', 'EXECUTE')");
            return new ServerFacts(
                    "postgresql",
                    sql.text("SHOW server_version"),
                    (int) sql.number("SELECT current_setting('server_version_num')::int / 10000"),
                    control ? sql.text("SELECT system_identifier::text FROM pg_control_system()") : "",
                    // our session has its own TimeZone; initdb sets both alike
                    sql.text("SHOW log_timezone"),
                    details);
        });
    }

    static int major(Endpoint endpoint) {
        return ask(endpoint, endpoint.maintenanceDatabase(), "version", sql ->
                (int) sql.number("SELECT current_setting('server_version_num')::int / 10000"));
    }

    static List<Database> databases(Endpoint endpoint) {
        return ask(endpoint, endpoint.maintenanceDatabase(), "databases", sql -> sql.list(
                """
                SELECT datname, datallowconn AND datconnlimit <> -2 AND datname <> 'template0',
                       CASE WHEN has_database_privilege(oid, 'CONNECT') OR pg_has_role('pg_read_all_stats', 'USAGE')
                            THEN pg_database_size(oid) ELSE 0 END
                FROM pg_database ORDER BY datname
                """,
                row -> new Database(row.getString(1), row.getBoolean(2), row.getLong(3))));
    }
}
