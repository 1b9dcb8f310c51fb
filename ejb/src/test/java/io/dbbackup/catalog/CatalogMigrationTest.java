package io.dbbackup.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.Map;
import java.util.UUID;
import org.flywaydb.core.Flyway;
import org.flywaydb.core.api.MigrationVersion;
import org.h2.jdbcx.JdbcDataSource;
import org.junit.jupiter.api.Test;

/** A catalog of an earlier version keeps what it knows. */
class CatalogMigrationTest {
    private final JdbcDataSource h2 = new JdbcDataSource();

    @Test
    void a_set_from_before_there_were_copies_has_one() throws SQLException {
        h2.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        migrate("2");
        try (Connection connection = h2.getConnection();
                Statement statement = connection.createStatement()) {
            statement.execute("insert into backup_set values ('20260101T000000.000Z_p0000_00000001', 'shop', 'disk', 'nightly',"
                    + " '" + UUID.randomUUID() + "', 'SEALED', 'postgresql', '15', '2026-01-01T00:00:00Z', '2026-01-01T00:01:00Z',"
                    + " 'UTC', true, 2, 10, 100, 50, 'abc', 'CONTENT', true, '2026-01-02T00:00:00Z')");
        }
        migrate("latest");
        try (Connection connection = h2.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select s.source_name, s.manifest_sha256, c.store_name, c.copy_number,"
                        + " c.policy_name, c.state, c.verified_level, c.verified_ok from backup_set s"
                        + " join set_copy c on c.set_id = s.id")) {
            assertThat(row.next()).isTrue();
            assertThat(row.getString(1)).isEqualTo("shop");
            assertThat(row.getString(2)).isEqualTo("abc");
            assertThat(row.getString(3)).isEqualTo("disk");
            assertThat(row.getInt(4)).isEqualTo(1);
            assertThat(row.getString(5)).isEqualTo("nightly");
            assertThat(row.getString(6)).isEqualTo("SEALED");
            assertThat(row.getString(7)).isEqualTo("CONTENT");
            assertThat(row.getBoolean(8)).isTrue();
            assertThat(row.next()).isFalse();
        }
    }

    /** How long the last one of several took is not known any more. */
    @Test
    void a_run_of_one_execution_from_before_executions_had_times_took_as_long_as_ever() throws SQLException {
        h2.setURL("jdbc:h2:mem:" + UUID.randomUUID() + ";DB_CLOSE_DELAY=-1");
        migrate("9");
        try (Connection connection = h2.getConnection();
                Statement statement = connection.createStatement()) {
            for (int executions = 1; executions <= 2; executions++) {
                statement.execute("insert into run (id, operation, state, label, parameters, started_by, started_via, created_at, started_at,"
                        + " executions, stop_requested) values ('" + new UUID(0, executions) + "', 'BACKUP', 'SUCCEEDED', 'backup', '{}',"
                        + " 'ann', 'rest', '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z', " + executions + ", false)");
            }
        }
        migrate("latest");
        try (Connection connection = h2.getConnection();
                Statement statement = connection.createStatement();
                ResultSet row = statement.executeQuery("select execution_started_at = started_at from run order by executions")) {
            assertThat(row.next()).isTrue();
            assertThat(row.getBoolean(1)).isTrue();
            assertThat(row.next()).isTrue();
            assertThat(row.getObject(1)).isNull();
        }
    }

    private void migrate(String version) {
        Flyway.configure(getClass().getClassLoader())
                .dataSource(h2)
                .locations("classpath:db/catalog")
                .placeholders(Map.of("text", "clob"))
                .target(MigrationVersion.fromVersion(version))
                .load()
                .migrate();
    }
}
