package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.Endpoint;
import java.sql.Connection;
import java.sql.DriverManager;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What JDBC says about transactions is the same for every database, so that a small one will do. */
class TargetSessionTest {
    private static final Endpoint ENDPOINT =
            new Endpoint("t", "postgresql", "localhost", 1, "u", Optional::empty, "d", Map.of());

    @Test
    void a_transaction_that_ends_with_an_error_leaves_nothing() throws Exception {
        try (Connection connection = DriverManager.getConnection("jdbc:h2:mem:")) {
            Sql sql = new Sql(connection, ENDPOINT);
            TargetSession session = new TargetSession(sql, () -> {});
            sql.run("CREATE TABLE loaded (item int)");

            assertThatThrownBy(() -> session.transaction(() -> {
                        sql.run("INSERT INTO loaded VALUES (1)");
                        throw new OutOfMemoryError("for the test");
                    }))
                    .isInstanceOf(OutOfMemoryError.class);

            assertThat(sql.number("SELECT count(*) FROM loaded")).isZero();
            session.transaction(() -> sql.run("INSERT INTO loaded VALUES (2)"));
            assertThat(sql.number("SELECT count(*) FROM loaded")).isEqualTo(1);
            assertThat(connection.getAutoCommit()).isTrue();
        }
    }
}
