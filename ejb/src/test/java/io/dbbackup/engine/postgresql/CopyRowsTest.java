package io.dbbackup.engine.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.Endpoint;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.pipeline.LineRows;
import io.dbbackup.pipeline.RowScanner;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.ByteArrayOutputStream;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Both ways to read a COPY, against a real server: the same bytes, and a connection that can be used afterwards. */
class CopyRowsTest {
    private static final List<String> STATEMENTS = List.of(
            "COPY public.mixed TO STDOUT",
            "COPY public.mixed TO STDOUT (FORMAT binary)",
            "COPY public.nothing TO STDOUT (FORMAT binary)",
            "COPY public.nothing TO STDOUT",
            "COPY public.columnless TO STDOUT (FORMAT binary)",
            "COPY public.large TO STDOUT (FORMAT binary)");
    private static final List<CopyFormat> FORMATS = List.of(
            CopyFormat.TEXT, CopyFormat.BINARY, CopyFormat.BINARY, CopyFormat.TEXT, CopyFormat.BINARY, CopyFormat.BINARY);

    private static PostgresInstance server;
    private Connection connection;

    /** What a statement sent. */
    private record Sent(byte[] bytes, Fingerprint content, long handled) {}

    @BeforeAll
    static void start() {
        server = PostgresInstance.builder().start();
        server.psql("postgres", """
                CREATE TABLE mixed AS SELECT n, repeat('ä' || n, n % 50) AS text, CASE WHEN n % 3 = 0 THEN n END AS nulls,
                    E'line\\nfeed\\\\' AS odd FROM generate_series(1, 20000) n;
                CREATE TABLE nothing (id int);
                CREATE TABLE columnless ();
                INSERT INTO columnless DEFAULT VALUES;
                INSERT INTO columnless DEFAULT VALUES;
                CREATE TABLE large AS SELECT n, repeat(md5(n::text), 30000) AS text FROM generate_series(1, 5) n;
                """);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void connect() throws SQLException {
        connection = DriverManager.getConnection(server.jdbcUrl("postgres"), server.user(), server.password());
        connection.createStatement().execute("BEGIN");
    }

    @AfterEach
    void disconnect() throws SQLException {
        connection.close();
    }

    @Test
    void both_ways_give_the_same_rows() throws SQLException {
        List<Sent> wire = read(WireCopyRows.begin(connection, STATEMENTS).orElseThrow());
        List<Sent> driver = read(new DriverCopyRows(connection, STATEMENTS));
        for (int i = 0; i < STATEMENTS.size(); i++) {
            assertThat(wire.get(i).bytes()).as(STATEMENTS.get(i)).isEqualTo(driver.get(i).bytes());
            assertThat(wire.get(i).content()).isEqualTo(driver.get(i).content());
            assertThat(wire.get(i).handled()).isEqualTo(driver.get(i).handled());
        }
        assertThat(wire).extracting(Sent::handled).containsExactly(20_000L, 20_000L, 0L, 0L, 2L, 5L);
    }

    @Test
    void the_fingerprint_by_messages_is_the_one_that_is_found_in_the_bytes() throws SQLException {
        List<Sent> sent = read(CopyRows.begin(connection, STATEMENTS));
        for (int i = 0; i < STATEMENTS.size(); i++) {
            RowScanner scanner = FORMATS.get(i) == CopyFormat.TEXT ? new LineRows() : new PgBinaryRows();
            scanner.accept(sent.get(i).bytes(), 0, sent.get(i).bytes().length);
            assertThat(scanner.result()).as(STATEMENTS.get(i)).isEqualTo(sent.get(i).content());
        }
    }

    @Test
    void the_unix_socket_of_a_local_server_will_do() throws SQLException {
        Endpoint local = new Endpoint(
                "socket", "postgresql", server.socketDir().toString(), server.port(), server.user(),
                () -> Optional.of(server.password()), "postgres", Map.of());
        List<Sent> expected = read(new DriverCopyRows(connection, STATEMENTS));
        try (Connection socket = PgConnections.open(local, "postgres", "test")) {
            List<Sent> wire = read(WireCopyRows.begin(socket, STATEMENTS).orElseThrow());
            assertThat(wire).extracting(Sent::content).isEqualTo(expected.stream().map(Sent::content).toList());
        }
    }

    @Test
    void the_driver_goes_on_with_the_connection() throws SQLException {
        read(WireCopyRows.begin(connection, STATEMENTS).orElseThrow());
        try (Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("SELECT count(*) FROM mixed")) {
            assertThat(row.next()).isTrue();
            assertThat(row.getLong(1)).isEqualTo(20_000);
        }
    }

    @Test
    void an_error_of_the_server_comes_with_its_code_after_the_rows_before_it() throws SQLException {
        CopyRows rows = WireCopyRows.begin(
                connection, List.of("COPY (SELECT 1 / (1000 - n) FROM generate_series(1, 2000) n) TO STDOUT")).orElseThrow();
        rows.nextStatement();
        assertThatThrownBy(() -> drain(rows)).isInstanceOfSatisfying(SQLException.class, e -> {
            assertThat(e.getSQLState()).isEqualTo("22012");
            assertThat(e.getMessage()).contains("division by zero");
        });
        assertThat(rows.sending()).isFalse();
    }

    @Test
    void a_server_session_that_is_ended_is_an_error_of_the_connection() throws SQLException {
        CopyRows rows = WireCopyRows.begin(
                connection, List.of("COPY (SELECT n, pg_sleep(0.001) FROM generate_series(1, 1000000) n) TO STDOUT"))
                .orElseThrow();
        rows.nextStatement();
        assertThat(rows.next()).isTrue();
        server.psql("postgres", "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE query LIKE 'COPY (SELECT n, pg%'");
        assertThatThrownBy(() -> drain(rows)).isInstanceOfSatisfying(SQLException.class, e ->
                assertThat(e.getSQLState()).isIn("57P01", "08006"));
    }

    private static void drain(CopyRows rows) throws SQLException {
        while (rows.next()) {
            assertThat(rows.length()).isPositive();
        }
    }

    private static List<Sent> read(CopyRows rows) throws SQLException {
        List<Sent> all = new ArrayList<>();
        while (rows.nextStatement()) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            CopyFingerprint fingerprint = new CopyFingerprint(FORMATS.get(all.size()));
            while (rows.next()) {
                bytes.write(rows.bytes(), rows.offset(), rows.length());
                fingerprint.add(rows.bytes(), rows.offset(), rows.length(), rows.ends());
            }
            all.add(new Sent(bytes.toByteArray(), fingerprint.result(), rows.handled()));
        }
        assertThat(rows.sending()).isFalse();
        return all;
    }
}
