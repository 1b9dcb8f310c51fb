package io.dbbackup.engine.mysql;

import com.mysql.cj.conf.PropertyKey;
import com.mysql.cj.conf.RuntimeProperty;
import com.mysql.cj.jdbc.Driver;
import com.mysql.cj.jdbc.JdbcConnection;
import com.mysql.cj.jdbc.JdbcStatement;
import com.mysql.cj.protocol.a.NativeProtocol;
import io.dbbackup.engine.mysql.sockets.MariadbSockets;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.spi.Cancellation;
import java.io.InputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Optional;
import java.util.Properties;

/**
 * A session whose settings do not depend on account, database or client machine, in auto-commit mode. Not thread-safe except
 * {@link #abort()}.
 */
public final class Session implements AutoCloseable {
    /**
     * Instants are read and written in UTC, zero and impossible dates are taken as they are, and 0 is a value for a column
     * that counts up. A store or a disk that stalls for a day ends nothing. The server keeps its warnings, by which a restore
     * knows that it changed a value. Whatever somebody has set globally, a commit begins no new transaction with the snapshot of
     * that moment, joins may be large, rows are not copied into temporary tables before they are sent, and keys are checked unless an item says otherwise.
     */
    private static final List<String> SETTINGS = List.of(
            "SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00', sql_quote_show_create = 1,"
                    + " sql_auto_is_null = 0, sql_safe_updates = 0, sql_select_limit = 18446744073709551615,"
                    + " sql_big_selects = 1, sql_buffer_result = 0, group_concat_max_len = 1048576, completion_type = 0,"
                    + " foreign_key_checks = 1, unique_checks = 1,"
                    + " net_read_timeout = 86400, net_write_timeout = 86400, wait_timeout = 604800,"
                    + " max_error_count = 64, sql_notes = 1",
            "SET SESSION TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ WRITE");

    /** Naming a directory makes the driver offer LOAD DATA LOCAL. This one cannot exist, so no file is ever read from it. */
    private static final String NO_FILES = "/dev/null/none";

    /** A server that takes no larger messages than these bytes gets rows by LOAD DATA, which needs none. */
    private static final int LEAST_PACKET = 1 << 17;

    private final Connection connection;
    private final Sql sql;
    private Optional<NativeProtocol> bulk;
    private long largestPacket;

    private Session(Connection connection, Endpoint endpoint) {
        this.connection = connection;
        this.sql = new Sql(connection, endpoint);
    }

    /**
     * Opens a session.
     *
     * @param database default database; empty for none
     * @param purpose shown in the server's connection attributes behind "dbbackup "
     * @throws BackupException DATABASE_UNREACHABLE, DATABASE_AUTHENTICATION_FAILED, UNKNOWN_DATABASE, …
     */
    public static Session open(Endpoint endpoint, String database, String purpose) {
        return open(endpoint, database, purpose, "UTF-8");
    }

    /**
     * A session that sends each character of a statement, which must be below 256, as one byte: for texts in any character set,
     * after {@code SET character_set_client}.
     */
    public static Session ofBytes(Endpoint endpoint, String database, String purpose) {
        Session session = open(endpoint, "", purpose, "ISO-8859-1");
        try {
            session.sql.run("SET SESSION character_set_client = utf8mb4");
            String use = "USE " + Quoting.identifier(database);
            session.sql.run(use.getBytes(StandardCharsets.UTF_8), use);
            return session;
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    private static Session open(Endpoint endpoint, String database, String purpose, String encoding) {
        try {
            Session session = new Session(connect(endpoint, database, purpose, encoding), endpoint);
            try {
                session.sql.runAll(SETTINGS);
                Vendor vendor = Vendor.of(session.sql.text("SELECT version()"));
                session.sql.runAll(vendor.settings());
                vendor.reveal(session.sql);
                session.takeTimestampsAsWritten();
                return session;
            } catch (RuntimeException e) {
                session.close();
                throw e;
            }
        } catch (SQLException e) {
            throw MysqlErrors.notConnected(
                    e, endpoint, database.isEmpty() ? "connecting" : "connecting to database \"" + database + "\"");
        }
    }

    /**
     * Otherwise a {@code timestamp NOT NULL} gets a default, as servers had it of old. MySQL lets only some accounts say so; a restore
     * looks whether it was said.
     */
    private void takeTimestampsAsWritten() {
        if (!sql.truth("SELECT @@explicit_defaults_for_timestamp")) {
            sql.runIfPermitted("SET SESSION explicit_defaults_for_timestamp = 1");
        }
    }

    private static Connection connect(Endpoint endpoint, String database, String purpose, String encoding) throws SQLException {
        Properties properties = new Properties();
        properties.setProperty("user", endpoint.user());
        endpoint.password().get().ifPresent(password -> properties.setProperty("password", password));
        properties.setProperty("sslMode", MysqlOptions.sslMode(endpoint));
        endpoint.option(MysqlOptions.PUBLIC_KEY)
                .ifPresent(file -> properties.setProperty(MysqlOptions.PUBLIC_KEY, file));
        properties.setProperty("connectTimeout", "" + MysqlOptions.connectTimeout(endpoint).toMillis());
        properties.setProperty("tcpKeepAlive", "true");
        properties.setProperty("characterEncoding", encoding);
        properties.setProperty("passwordCharacterEncoding", "UTF-8");
        properties.setProperty("connectionAttributes", "program_name:dbbackup " + purpose);
        // otherwise names like `{fn x}` are read as escapes of JDBC in prepared statements, and stand for others
        properties.setProperty("processEscapeCodesForPrepStmts", "false");
        properties.setProperty("socketFactory", MariadbSockets.class.getName());
        // many rows in one INSERT
        properties.setProperty("rewriteBatchedStatements", "true");
        properties.setProperty("allowLoadLocalInfile", "false");
        properties.setProperty("allowLoadLocalInfileInPath", NO_FILES);
        String host = endpoint.host().contains(":") && !endpoint.host().startsWith("[")
                ? "[" + endpoint.host() + "]"
                : endpoint.host();
        String url = "jdbc:mysql://" + host + ":" + endpoint.port() + "/"
                + URLEncoder.encode(database, StandardCharsets.UTF_8).replace("+", "%20");
        Optional<String> ca = endpoint.option(MysqlOptions.CA);
        if (ca.isEmpty()) {
            return new Driver().connect(url, properties);
        }
        try (TrustStore trusted = TrustStore.of(endpoint, ca.get())) {
            trusted.into(properties);
            return new Driver().connect(url, properties);
        }
    }

    public Sql sql() {
        return sql;
    }

    public Connection connection() {
        return connection;
    }

    /**
     * Runs a LOAD DATA LOCAL statement with a stream in the place of the file. Only meanwhile the driver gives anything to a
     * server that asks for a file, and then it gives the stream.
     *
     * @return rows that were loaded
     * @throws SQLException also when the stream failed; the session is then of no use any more
     */
    public long load(String statement, InputStream bytes) throws SQLException {
        RuntimeProperty<Boolean> allowed = connection
                .unwrap(JdbcConnection.class)
                .getPropertySet()
                .getBooleanProperty(PropertyKey.allowLoadLocalInfile);
        try (Statement load = connection.createStatement()) {
            load.setEscapeProcessing(false);
            load.unwrap(JdbcStatement.class).setLocalInfileInputStream(bytes);
            allowed.setValue(true);
            return load.executeLargeUpdate(statement);
        } finally {
            allowed.setValue(false);
        }
    }

    /** Whether rows can go in without LOAD DATA and without texts to be read: see {@link BulkInsert}. */
    public boolean insertsMany() {
        try {
            return bulkProtocol().isPresent();
        } catch (SQLException e) {
            throw new IllegalStateException("the driver does not say what it is", e);
        }
    }

    /**
     * For executing a statement for many rows at once; empty where the server cannot, or will not, since it has no room for prepared
     * statements or large messages, or logs this session's as text ("Only row based replication supported for bulk operations").
     */
    Optional<NativeProtocol> bulkProtocol() throws SQLException {
        if (bulk == null) {
            Optional<NativeProtocol> protocol = DriverProtocol.of(connection);
            bulk = protocol.filter(its -> its.getSocketConnection().getSocketFactory() instanceof MariadbSockets sockets
                            && sockets.announced())
                    .filter(its -> !sql.truth(
                            "SELECT @@max_prepared_stmt_count = 0 OR @@max_allowed_packet < " + LEAST_PACKET
                                    + " OR @@log_bin AND @@sql_log_bin AND @@binlog_format = 'STATEMENT'"));
        }
        return bulk;
    }

    /** Bytes of the largest message that the server takes from this session, for which it cannot change. */
    long largestPacket() {
        if (largestPacket == 0) {
            largestPacket = sql.number("SELECT @@max_allowed_packet");
        }
        return largestPacket;
    }

    /** Ends the session at once, whatever it is doing; the server rolls back. Thread-safe. */
    public void abort() {
        try {
            connection.abort(Runnable::run);
        } catch (SQLException e) {
            // it is gone already
            return;
        }
    }

    /** Lets a cancellation end the session. */
    public Cancellation.Registration endWith(Cancellation cancellation) {
        return cancellation.onCancel(this::abort);
    }

    @Override
    public void close() {
        try {
            connection.close();
        } catch (SQLException e) {
            // it is gone already
            return;
        }
    }
}
