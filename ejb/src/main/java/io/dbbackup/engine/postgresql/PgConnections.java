package io.dbbackup.engine.postgresql;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Properties;
import org.postgresql.Driver;

/** Opens sessions whose settings do not depend on role, database or client machine. */
public final class PgConnections {
    /**
     * Settings of every session. Time limits are taken away, since an administrator's limit for applications must not
     * end a backup; formats are fixed, so that the same row always has the same text.
     */
    private static final String SETTINGS = """
            SET statement_timeout = 0;
            SET lock_timeout = 0;
            SET idle_in_transaction_session_timeout = 0;
            SET default_transaction_read_only = off;
            SET default_transaction_deferrable = off;
            SET default_transaction_isolation = 'read committed';
            SET DateStyle = 'ISO, MDY';
            SET IntervalStyle = 'postgres';
            SET TimeZone = 'UTC';
            SET extra_float_digits = 3;
            SET bytea_output = 'hex';
            SET xmloption = 'content';
            SET standard_conforming_strings = on;
            SET quote_all_identifiers = off;
            SET search_path = pg_catalog;
            SET row_security = off;
            SET synchronize_seqscans = off;
            SET client_min_messages = 'warning';
            """;

    private PgConnections() {}

    /**
     * Opens a session in a database, in auto-commit mode, with {@code search_path = pg_catalog} and
     * {@code row_security = off} (so that hidden rows are an error and never silently missing).
     *
     * @param purpose shown in {@code pg_stat_activity} behind "dbbackup "
     * @throws BackupException DATABASE_UNREACHABLE, DATABASE_AUTHENTICATION_FAILED, UNKNOWN_DATABASE, DATABASE_WRONG, …
     */
    public static Connection open(Endpoint endpoint, String database, String purpose) {
        String doing = "connecting to database \"" + database + "\"";
        try {
            Connection connection = connect(endpoint, database, purpose);
            try {
                prepare(connection);
                check(connection, endpoint, database);
                return connection;
            } catch (SQLException | RuntimeException e) {
                connection.close();
                throw e;
            }
        } catch (SQLException e) {
            throw PgErrors.translate(e, endpoint, doing);
        }
    }

    /** As {@link #open} for the endpoint's maintenance database. */
    public static Connection openMaintenance(Endpoint endpoint, String purpose) {
        return open(endpoint, endpoint.maintenanceDatabase(), purpose);
    }

    private static Connection connect(Endpoint endpoint, String database, String purpose) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", endpoint.user());
        endpoint.password().get().ifPresent(password -> properties.setProperty("password", password));
        properties.setProperty("ApplicationName", ("dbbackup " + purpose).strip());
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("connectTimeout", "" + PgOptions.connectTimeout(endpoint).toSeconds());
        properties.setProperty("loginTimeout", "" + (PgOptions.connectTimeout(endpoint).toSeconds() + 45));
        properties.setProperty("prepareThreshold", "0");
        properties.setProperty("logServerErrorDetail", "false");
        for (String key : PgOptions.SSL) {
            endpoint.option(key).ifPresent(value -> properties.setProperty(key, value));
        }
        String host = endpoint.host();
        if (host.startsWith("/")) {
            properties.setProperty("socketFactory", UnixSockets.factory());
            properties.setProperty("socketFactoryArg", host + "/.s.PGSQL." + endpoint.port());
            properties.setProperty("sslmode", "disable");
            host = "localhost";
        } else if (host.contains(":") && !host.startsWith("[")) {
            host = "[" + host + "]";
        }
        String url = "jdbc:postgresql://" + host + ":" + endpoint.port() + "/"
                + URLEncoder.encode(database, StandardCharsets.UTF_8);
        return new Driver().connect(url, properties);
    }

    private static void prepare(Connection connection) throws SQLException {
        int version = ((org.postgresql.jdbc.PgConnection) connection).getServerMajorVersion();
        try (Statement statement = connection.createStatement()) {
            statement.execute(SETTINGS
                    + (version >= 14 ? "SET idle_session_timeout = 0;" : "")
                    + (version >= 17 ? "SET transaction_timeout = 0;" : ""));
        }
    }

    private static void check(Connection connection, Endpoint endpoint, String database) throws SQLException {
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT current_database()")) {
            row.next();
            if (!row.getString(1).equals(database)) {
                throw new BackupException(
                        ErrorCode.DATABASE_WRONG,
                        "asked " + endpoint + " for database \"" + database + "\" and was connected to \""
                                + row.getString(1) + "\"",
                        "Give host and port of the PostgreSQL server itself: something in between maps names.");
            }
        }
    }
}
