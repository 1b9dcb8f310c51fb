package io.dbbackup.throwaway;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The comparison must see every change, and none where there is none: here against PostgreSQL's own dump and restore. */
class ClusterComparisonTest {

    private static PostgresInstance source;
    private static PostgresInstance target;

    @BeforeAll
    static void fill_one_server_and_copy_it_with_the_native_tools() throws Exception {
        source = PostgresInstance.builder().start();
        target = PostgresInstance.builder().start();
        SampleCluster sample = SampleCluster.on(source).largeTable("shop", 2_000).everything();
        PostgresEndpoint to = target.endpoint();
        String globals = source.endpoint().tool("pg_dumpall", List.of("--globals-only", "--dbname=" + source.conninfo("postgres")));
        to.psql("postgres", globals.replaceAll("(?m)^(CREATE|ALTER) ROLE postgres.*$", ""));
        for (String database : sample.databases()) {
            if (!database.equals("Search Path")) { // the one that the native tools cannot restore
                copy(database);
            }
        }
    }

    private static void copy(String database) throws Exception {
        Path directory = Files.createTempDirectory("copy");
        Path dump = directory.resolve("dump");
        source.endpoint().tool("pg_dump", List.of("-Fc", "-Z1", "--no-sync", "-f", dump.toString(), "-d", source.conninfo(database)));
        target.endpoint().tool("pg_restore", List.of("--create", "--exit-on-error", "-d", target.conninfo("postgres"), dump.toString()));
        ThrowawayDirectories.delete(directory);
    }

    @AfterAll
    static void destroy_both() {
        source.destroy();
        target.destroy();
    }

    @Test
    void finds_a_native_restore_equal_but_for_the_database_that_was_left_out() {
        target.psql("postgres", "CREATE DATABASE surplus");
        ClusterComparison.Result result = ClusterComparison.between(source, target).compare();
        target.psql("postgres", "DROP DATABASE surplus");
        assertThat(result.differences())
                .containsExactly("database Search Path is missing", "database surplus is unexpected");
        assertThat(result.databases()).isEqualTo(13);
        assertThat(result.tables()).isGreaterThan(250);
        assertThat(result.rows()).isGreaterThan(6_000);
    }

    @Test
    void sees_each_kind_of_change() {
        sees("many tables", Map.of(
                "UPDATE area_1.t1 SET v = 'x' WHERE id = 1", "table \"area_1.t1\" differs",
                "DELETE FROM area_2.t2 WHERE id = 1", "table \"area_2.t2\" differs",
                "DROP TABLE area_3.t3", "table \"area_3.t3\" is missing",
                "CREATE TABLE surplus ()", "table \"public.surplus\" is unexpected"));
        sees("-dash", Map.of(
                "INSERT INTO all_duplicates VALUES (1, 'same')", "table \"public.all_duplicates\" differs",
                "INSERT INTO no_columns DEFAULT VALUES", "table \"public.no_columns\" differs",
                "DROP INDEX tuned_v_idx", "tuned_v_idx; Type: INDEX"));
        sees("a=b", Map.of(
                "UPDATE numbers SET f8 = 0 WHERE id = 4", "table \"public.numbers\" differs",
                "UPDATE texts SET t = NULL WHERE id = 1", "table \"public.texts\" differs",
                "UPDATE bytes SET b = '\\x01' WHERE id = 0", "table \"public.bytes\" differs"));
        sees("shop", Map.of("SELECT nextval('never_called')", "sequence \"public.never_called\" differs"));
        sees("Ünïcode db-1", Map.of(
                "SELECT lo_put(424242, 0, '\\x01')", "large object 424242 differs",
                "GRANT SELECT ON LARGE OBJECT " + loid() + " TO PUBLIC", "large object " + loid() + " differs"));
        sees("warehouse", Map.of("REFRESH MATERIALIZED VIEW unpopulated", "unpopulated \"public.unpopulated\" is missing"));
        sees("latin1", Map.of("COMMENT ON DATABASE \"copy of latin1\" IS 'other'", "schema of database latin1"));
    }

    @Test
    void sees_changes_of_roles() {
        target.psql("postgres", "ALTER ROLE sample_login SET work_mem = '7MB' \\; ALTER ROLE sample_writer CREATEDB");
        assertThat(ClusterComparison.between(source, target).globalsOnly().differences())
                .anyMatch(d -> d.contains("globals: ALTER ROLE sample_login SET work_mem TO '7MB'; is unexpected"))
                .anyMatch(d -> d.contains("globals: ALTER ROLE sample_writer WITH") && d.contains("is missing"));
        target.psql("postgres", "ALTER ROLE sample_login SET work_mem = '6MB' \\; ALTER ROLE sample_writer NOCREATEDB");
        assertThat(ClusterComparison.between(source, target).globalsOnly().differences()).isEmpty();
    }

    @Test
    void compares_a_database_restored_under_another_name() throws Exception {
        target.psql("postgres", "CREATE DATABASE \"b=c \"\"2\"\"\" TEMPLATE \"a=b\"");
        assertThat(ClusterComparison.between(source, target).database("a=b", "b=c \"2\"").differences()).isEmpty();
        target.psql("postgres", "DROP DATABASE \"b=c \"\"2\"\"\"");
    }

    private static String loid() {
        return source.psql("Ünïcode db-1", "SELECT content FROM documents WHERE id = 100").strip();
    }

    /** Makes changes, each with the difference it must show as, in a copy of a database. */
    private static void sees(String database, Map<String, String> changes) {
        String copy = "copy of " + database;
        target.psql("postgres", "CREATE DATABASE \"" + copy + "\" TEMPLATE \"" + database + "\"");
        target.psql(copy, String.join(";\n", changes.keySet()));
        List<String> differences = ClusterComparison.between(source, target).database(database, copy).differences();
        changes.forEach((change, expected) -> assertThat(differences).as(change).anyMatch(d -> d.contains(expected)));
        target.psql("postgres", "DROP DATABASE \"" + copy + "\"");
    }
}
