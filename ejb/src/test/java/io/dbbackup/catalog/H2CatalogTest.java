package io.dbbackup.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;

class H2CatalogTest {
    private static final int CHANGES = 500;

    /** Without the setting more than a hundred of them were. */
    @Test
    void nobody_is_told_what_was_before_a_commit() throws Exception {
        JdbcDataSource h2 = new JdbcDataSource();
        h2.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        H2Catalog.readAnew(h2);
        try (Connection writer = h2.getConnection(); Connection reader = h2.getConnection()) {
            writer.createStatement().execute("CREATE TABLE run (id int PRIMARY KEY, state int); INSERT INTO run VALUES (1, 0)");
            writer.setAutoCommit(false);
            int old = 0;
            for (int change = 1; change <= CHANGES; change++) {
                int state = change;
                CompletableFuture<Void> committed = CompletableFuture.runAsync(() -> write(writer, state));
                while (!committed.isDone()) {
                    read(reader);
                }
                committed.join();
                if (read(reader) != state) {
                    old++;
                }
            }
            assertThat(old).as("answers with what was before").isZero();
        }
    }

    private static void write(Connection writer, int state) {
        try (PreparedStatement update = writer.prepareStatement("UPDATE run SET state = ? WHERE id = 1")) {
            update.setInt(1, state);
            update.executeUpdate();
            writer.commit();
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }

    private static int read(Connection reader) throws SQLException {
        try (PreparedStatement query = reader.prepareStatement("SELECT state FROM run WHERE id = ?")) {
            query.setInt(1, 1);
            try (ResultSet row = query.executeQuery()) {
                row.next();
                return row.getInt(1);
            }
        }
    }
}
