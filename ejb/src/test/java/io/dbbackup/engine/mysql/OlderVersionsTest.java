package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.engine.BackupRun;
import io.dbbackup.engine.InMemoryRun;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.SetReader;
import io.dbbackup.throwaway.MysqlInstance;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Restores that another version has planned, and sets that another version has made. */
class OlderVersionsTest {
    private static final Map<String, String> NAMES = Map.of("a", "a_again", "b", "b_again");

    @TempDir
    private static Path directory;

    private static TestServer server;
    private static BackupRun backup;
    private static BlobSetReader set;

    @BeforeAll
    static void backUp() {
        server = new TestServer(new MariadbEngine(), MysqlInstance.start());
        server.sql("mysql", """
                CREATE DATABASE a; USE a;
                CREATE TABLE small (id int PRIMARY KEY AUTO_INCREMENT, e enum('x', 'y'), t varchar(20), KEY (t));
                INSERT INTO small VALUES (1, 'x', 'one'), (2, 'y', 'two');
                CREATE TABLE large (id int PRIMARY KEY, t varchar(200), UNIQUE KEY (t));
                INSERT INTO large SELECT seq, repeat(seq, 30) FROM seq_1_to_20000;
                CREATE VIEW v AS SELECT t FROM small;
                CREATE FUNCTION f () RETURNS int RETURN 1;
                CREATE DATABASE b; CREATE TABLE b.t (id int PRIMARY KEY); INSERT INTO b.t VALUES (1);
                """);
        backup = server.backup(directory, 2, "a", "b");
        set = backup.complete();
    }

    @AfterAll
    static void stop() {
        backup.close();
        server.instance().close();
    }

    private static MysqlRestoreRun restore(SetReader from) {
        server.sql("mysql", "DROP DATABASE IF EXISTS a_again; DROP DATABASE IF EXISTS b_again");
        return new MysqlRestoreRun(
                server.engine(), server.endpoint(), from,
                new RestoreSpec(NAMES, false, Set.of(), RestoreSpec.Globals.MISSING, true, true), true);
    }

    @Test
    void a_plan_from_before_views_waited_for_other_databases_goes_on_and_fields_of_later_versions_are_passed_over() {
        try (MysqlRestoreRun restore = restore(set)) {
            restore.planned(item -> switch (item.kind()) {
                case "mysql.restore.views" -> Optional.empty();
                case "mysql.restore.schema", "mysql.restore.finish" ->
                    InMemoryRun.with(item, Map.of("database", item.database(), "ofLaterVersions", List.of(1)));
                default -> Optional.of(item);
            });
            assertThat(restore.complete().differences()).isEmpty();
            assertThat(restore.warnings()).isEmpty();
        }
        server.requireEqual("a_again", "a");
    }

    @Test
    void a_plan_that_this_version_cannot_read_says_so_and_can_be_discarded() {
        try (MysqlRestoreRun restore = restore(set)) {
            // before small tables were bundled
            restore.planned(item -> switch (item.kind()) {
                case "mysql.restore.data" -> InMemoryRun.with(item, Map.of("database", item.database(), "table", 0, "part", 0));
                case "mysql.restore.keys" -> InMemoryRun.with(item, Map.of("database", item.database(), "table", 0));
                default -> Optional.of(item);
            });
            restore.attempt();
            assertThat(restore.problems()).isNotEmpty().allSatisfy((key, problem) -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.PLAN_UNREADABLE);
                assertThat(problem.cause()).startsWith("another version of dbbackup has planned \"");
                assertThat(problem.remedy()).contains("discard", "start a new run");
            });
            server.engine().logicalRestore().discard(server.endpoint(), restore.run());
        }
        assertThat(server.sql("mysql", "SHOW DATABASES")).doesNotContain("again", "dbbackup");
    }

    @Test
    void an_item_of_a_kind_of_another_version_says_so() {
        try (MysqlRestoreRun restore = restore(set)) {
            restore.planned(item -> Optional.of(new ItemDraft(
                    item.key(), item.kind() + ".later", item.label(), item.database(), item.bytes(), item.priority(), item.payload(),
                    item.needs())));
            restore.attempt();
            assertThat(restore.problems()).isNotEmpty()
                    .allSatisfy((key, problem) -> assertThat(problem.code()).isEqualTo(ErrorCode.PLAN_UNREADABLE));
        }
    }

    @Test
    void a_set_of_the_first_versions_without_later_properties_comes_back() {
        SetReader first = new ChangedSet(
                set,
                manifest -> {
                    ((ObjectNode) manifest.properties()).remove(List.of("collations", "spatialReferences"));
                    manifest.tables().forEach(table -> ChangedSet.properties(table).remove(
                            List.of("columns", "counts", "zoned", "historyRows", "historyPartitions")));
                },
                text -> text.replaceAll(",\"(client|databaseCollation|timeZone)\":\"[^\"]*\"", ""));
        try (MysqlRestoreRun restore = restore(first).complete()) {
            assertThat(restore.differences()).isEmpty();
            assertThat(restore.warnings()).isEmpty();
        }
        server.requireEqual("a_again", "a");
    }

    @Test
    void a_definition_of_a_kind_of_later_versions_is_refused_with_what_to_do() {
        SetReader later = ChangedSet.definitions(set, text -> text.replace("{\"kind\":\"TABLE\"", "{\"kind\":\"HOLOGRAM\""));
        try (MysqlRestoreRun restore = restore(later)) {
            restore.attempt();
            assertThat(restore.problems()).isNotEmpty().allSatisfy((key, problem) -> {
                assertThat(problem.code()).isEqualTo(ErrorCode.MANIFEST_VERSION_UNSUPPORTED);
                assertThat(problem.remedy()).contains("version");
            });
            server.engine().logicalRestore().discard(server.endpoint(), restore.run());
        }
    }
}
