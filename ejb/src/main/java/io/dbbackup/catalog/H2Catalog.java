package io.dbbackup.catalog;

import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import javax.sql.DataSource;

/** What a catalog in an H2 database needs. Stateless. */
final class H2Catalog {
    private H2Catalog() {}

    static boolean is(Connection connection) throws SQLException {
        return connection.getMetaData().getDatabaseProductName().equals("H2");
    }

    /**
     * Keeps H2 from answering a query with the rows of its last execution. It counts changes when they are made, not when they are
     * committed: a session that asks in between gets the old rows, rightly, and then takes them for the present ones until somebody
     * changes the table again (H2 2.2.224: more than half of the readings that met a commit). A run that had ended looked
     * active for ever that way. Holds for all sessions until the database is closed; the URLs of the profiles say the same.
     */
    static void readAnew(DataSource dataSource) {
        try (Connection connection = dataSource.getConnection();
                Statement statement = connection.createStatement()) {
            if (is(connection)) {
                statement.execute("SET OPTIMIZE_REUSE_RESULTS 0");
            }
        } catch (SQLException e) {
            throw new IllegalStateException("the catalog's database cannot be set up: " + e.getMessage(), e);
        }
    }
}
