package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.engine.postgresql.PgConnections;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.Endpoint;
import io.dbbackup.throwaway.PostgresInstance;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AnalyzeItemTest {
    private static final int TABLES = 8;

    @Test
    void every_table_is_in_one_share_although_the_catalogs_grow_between_them() throws SQLException {
        try (PostgresInstance server = PostgresInstance.builder().start()) {
            // as large as pg_description is before, twice as large, …: it moves past some of them
            IntStream.rangeClosed(1, TABLES).forEach(n -> server.psql("postgres", """
                    CREATE TABLE t%d (v text);
                    ALTER TABLE t%1$d ALTER v SET STORAGE PLAIN;
                    INSERT INTO t%1$d SELECT repeat('x', 7000) FROM generate_series(1, %d);
                    """.formatted(n, 40 * n)));
            Endpoint endpoint = BackupRun.endpoint(server);
            try (Connection connection = PgConnections.open(endpoint, "postgres", "test")) {
                Sql sql = new Sql(connection, endpoint);
                List<String> shares = new ArrayList<>(AnalyzeItem.tables(sql, 0, 2));
                server.psql("postgres", """
                        DO $$ BEGIN FOR i IN 1..400 LOOP
                            EXECUTE format('CREATE FUNCTION f%s() RETURNS int LANGUAGE sql AS ''SELECT 1''', i);
                            EXECUTE format('COMMENT ON FUNCTION f%s() IS %L', i, (
                                SELECT string_agg(md5(i::text || n), '') FROM generate_series(1, 45) n));
                        END LOOP; END $$
                        """);
                shares.addAll(AnalyzeItem.tables(sql, 1, 2));
                assertThat(shares).doesNotHaveDuplicates();
                assertThat(shares).contains(IntStream.rangeClosed(1, TABLES)
                        .mapToObj(n -> "public.t" + n).toArray(String[]::new));
                assertThat(shares).contains("pg_catalog.pg_statistic", "pg_catalog.pg_class");
            }
        }
    }
}
