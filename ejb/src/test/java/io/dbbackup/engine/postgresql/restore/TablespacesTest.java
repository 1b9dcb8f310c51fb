package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.RestoreSpec;
import io.dbbackup.spi.TablespaceChoice;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Objects in tablespaces, restored into a server that has others. */
class TablespacesTest {
    @TempDir
    private Path directory;

    private static final String WHERE = """
            SELECT string_agg(relname || ':' || coalesce(spcname, ''), ' ' ORDER BY relname)
            FROM pg_class c LEFT JOIN pg_tablespace s ON s.oid = c.reltablespace
            WHERE relname IN ('t', 't_pkey', 't_v_idx', 'm')
            """;

    private static RestoreSpec spec(TablespaceChoice choice) {
        return new RestoreSpec(
                Map.of("app", "app"), false, Set.of(), RestoreSpec.Globals.NONE, false, true, choice);
    }

    private static String restored(PostgresInstance target, BlobSetReader set, TablespaceChoice choice) {
        try (RestoreRun run = new RestoreRun(BackupRun.endpoint(target), set, spec(choice), 2)) {
            run.executingTwice(item -> true).complete();
            assertThat(run.differences()).isEmpty();
            assertThat(run.warnings()).isEmpty();
        }
        try {
            return target.psql("app", WHERE).strip() + " " + target.psql(
                    "app", "SELECT spcname FROM pg_database d JOIN pg_tablespace s ON s.oid = dattablespace"
                            + " WHERE datname = 'app'").strip();
        } finally {
            target.psql("postgres", "DROP DATABASE app");
        }
    }

    @Test
    void objects_go_into_the_mapped_tablespaces_or_into_none_and_a_missing_one_is_refused_before_anything_is_done() {
        try (PostgresInstance source = PostgresInstance.builder().start();
                PostgresInstance target = PostgresInstance.builder().start()) {
            source.psql("postgres", """
                    SET allow_in_place_tablespaces = on;
                    CREATE TABLESPACE "Fast disk" LOCATION '';
                    CREATE TABLESPACE slow LOCATION '';
                    """);
            source.psql("postgres", "CREATE DATABASE app TABLESPACE slow");
            source.psql("app", """
                    CREATE TABLE t (i int PRIMARY KEY USING INDEX TABLESPACE "Fast disk", v text) TABLESPACE "Fast disk";
                    INSERT INTO t SELECT i, 'v' || i FROM generate_series(1, 100) i;
                    CREATE INDEX t_v_idx ON t (v) TABLESPACE "Fast disk";
                    CREATE MATERIALIZED VIEW m TABLESPACE pg_default AS SELECT count(*) FROM t;
                    CREATE FUNCTION f() RETURNS text LANGUAGE sql AS $$ SELECT '
                    SET default_tablespace = "Fast disk";
                    ' $$;
                    """);
            try (BackupRun backup = new BackupRun(
                    BackupRun.endpoint(source), BackupRun.spec(1 << 20, "app"), directory, 2)) {
                BlobSetReader set = backup.complete();
                target.psql("postgres", """
                        SET allow_in_place_tablespaces = on;
                        CREATE TABLESPACE "New, disk" LOCATION '';
                        CREATE TABLESPACE slow LOCATION '';
                        """);
                assertThatThrownBy(() -> restored(target, set, TablespaceChoice.SAME))
                        .isInstanceOfSatisfying(BackupException.class, e -> {
                            assertThat(e.code()).isEqualTo(ErrorCode.TABLESPACE_MISSING);
                            assertThat(e.problem().cause()).contains("Fast disk").doesNotContain("slow");
                        });
                assertThatThrownBy(() -> restored(
                                target, set, new TablespaceChoice(false, Map.of("Fast disk", "nowhere"))))
                        .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code())
                                .isEqualTo(ErrorCode.TABLESPACE_MISSING));
                assertThat(restored(target, set, new TablespaceChoice(
                                false, Map.of("Fast disk", "New, disk", "slow", "pg_default"))))
                        .isEqualTo("m: t:New, disk t_pkey:New, disk t_v_idx:New, disk pg_default");
                assertThat(restored(target, set, TablespaceChoice.DEFAULT)).isEqualTo("m: t: t_pkey: t_v_idx: pg_default");
            }
        }
    }

    @Test
    void only_the_lines_that_choose_a_tablespace_are_changed_wherever_the_buffers_end() throws IOException {
        String script = "SET x = 1;\n\nSET default_tablespace = a;\n\n--\nSET default_tablespace = a;\nin a body\n\n"
                + "SET default_tablespace = '';\n\nSET default_tablespace = b;\n\nSET default_tablespace = \"a b\";\n\n"
                + "SET defaultx\n\n\nSET default_tablespace = a;\n\nend without a line feed SET default_tablespace = a;";
        String expected = script
                .replaceFirst("= a;\n\n--", "= \"New\";\n\n--")
                .replaceFirst("= \"a b\";", "= \"Other\"\"s\";")
                .replaceFirst("= a;\n\nend", "= \"New\";\n\nend");
        for (int size : new int[] {1, 2, 3, 7, 10_000}) {
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            try (OutputStream out = new ScriptTablespaces(
                    bytes, new TablespaceChoice(false, Map.of("a", "New", "a b", "Other\"s")))) {
                byte[] all = script.getBytes(StandardCharsets.UTF_8);
                for (int from = 0; from < all.length; from += size) {
                    out.write(all, from, Math.min(size, all.length - from));
                }
            }
            assertThat(bytes.toString(StandardCharsets.UTF_8)).isEqualTo(expected);
        }
    }
}
