package io.dbbackup.engine.postgresql.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.engine.postgresql.PgTools;
import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.spi.BackupSpec;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is refused before the work begins, and how it is said. */
class PreflightTest {
    private static PostgresInstance server;

    @TempDir
    private static Path directory;

    @BeforeAll
    static void start() {
        server = PostgresInstance.builder().start();
        server.psql("postgres", """
                CREATE ROLE reader LOGIN PASSWORD 'reader';
                CREATE DATABASE one;
                CREATE DATABASE two;
                CREATE DATABASE closed;
                REVOKE CONNECT ON DATABASE closed FROM PUBLIC;
                """);
        server.psql("one", """
                CREATE TABLE readable (id int); GRANT SELECT ON readable TO reader;
                CREATE TABLE secret (id int);
                CREATE TABLE "Odd ""name" (id serial);
                CREATE SCHEMA hidden; CREATE TABLE hidden.inside (id int); GRANT SELECT ON hidden.inside TO reader;
                SELECT lo_create(4711);
                """);
        server.psql("two", """
                CREATE TABLE filtered (id int); GRANT SELECT ON filtered TO reader;
                ALTER TABLE filtered ENABLE ROW LEVEL SECURITY;
                """);
    }

    @AfterAll
    static void end() {
        server.close();
    }

    private static ServerFacts preflight(Endpoint endpoint, BackupSpec spec) {
        try (BackupRun run = new BackupRun(endpoint, spec, directory, 1)) {
            return run.backup().preflight(run);
        }
    }

    private static BackupException refusal(Endpoint endpoint, BackupSpec spec) {
        BackupException e = catchThrowableOfType(BackupException.class, () -> preflight(endpoint, spec));
        assertThat(e).isNotNull();
        assertThat(e.problem().remedy()).endsWith(".");
        return e;
    }

    private static Endpoint reader() {
        return BackupRun.endpoint(server, "reader", "reader");
    }

    @Test
    void a_superuser_may_back_up_everything() {
        ServerFacts facts = preflight(BackupRun.endpoint(server), BackupRun.spec(1 << 20));
        assertThat(facts.major()).isEqualTo(server.majorVersion());
        assertThat(facts.systemId()).matches("[0-9]+");
        assertThat(facts.details().get("databasesLeftOut")).contains("\"postgres\"", "\"template1\"");
        assertThat(facts.details()).containsEntry("databases", "3");
    }

    @Test
    void the_default_database_is_taken_when_something_is_in_it() {
        server.psql("postgres", "CREATE TABLE used (id int)");
        try {
            assertThat(preflight(BackupRun.endpoint(server), BackupRun.spec(1 << 20)).details())
                    .containsEntry("databases", "4");
        } finally {
            server.psql("postgres", "DROP TABLE used");
        }
    }

    @Test
    void everything_that_cannot_be_read_is_named_at_once() {
        BackupException e = refusal(reader(), BackupRun.spec(1 << 20, "one", "two", "closed"));
        assertThat(e.code()).isEqualTo(ErrorCode.DATABASE_PRIVILEGE_MISSING);
        assertThat(e).hasMessageContainingAll(
                "public.secret", "public.\"Odd \"\"name\"", "sequence public.\"Odd \"\"name_id_seq\"",
                "schema hidden", "large object 4711", "\"closed\"", "public.filtered")
                .hasMessageNotContaining("public.readable");
        assertThat(e.problem().remedy()).contains(
                        "Execute in database \"one\":\nGRANT USAGE ON SCHEMA hidden TO \"reader\";\n", "\nGRANT SELECT ON TABLE ", "public.secret",
                        "GRANT SELECT ON SEQUENCE public.\"Odd \"\"name_id_seq\" TO \"reader\";",
                        "GRANT SELECT ON LARGE OBJECT 4711 TO \"reader\";", "Execute in any database:\nGRANT CONNECT ON DATABASE \"closed\" TO \"reader\";\n")
                .doesNotContain("public.readable");
    }

    @Test
    void the_statements_of_a_refusal_give_what_was_missing() {
        server.psql("postgres", "CREATE ROLE granted LOGIN PASSWORD 'granted'; CREATE DATABASE granting WITH OWNER = reader");
        server.psql("postgres", "REVOKE CONNECT ON DATABASE granting FROM public");
        server.psql("granting", """
                CREATE SCHEMA "of, all"; CREATE TABLE "of, all"."a b" (id serial); CREATE TABLE plain (id int); SELECT lo_create(4712);
                """);
        try {
            Endpoint granted = BackupRun.endpoint(server, "granted", "granted");
            // what is inside is seen by a role that may connect
            for (int round = 0; round < 2; round++) {
                String remedy = refusal(granted, BackupRun.spec(1 << 20, "granting")).problem().remedy();
                Pattern.compile("GRANT (?!pg_read_all_data)[^;]*;").matcher(remedy).results()
                        .forEach(statement -> server.psql("granting", statement.group()));
            }
            assertThat(preflight(granted, BackupRun.spec(1 << 20, "granting")).details()).containsEntry("databases", "1");
        } finally {
            server.psql("postgres", "DROP DATABASE granting");
            server.psql("postgres", "DROP ROLE granted");
        }
    }

    /** The backup leaves them out; they belong to the account that restores. */
    @Test
    void the_marks_of_an_unfinished_restore_need_not_be_read() throws IOException {
        server.psql("postgres", "CREATE DATABASE restored");
        server.psql("restored", """
                CREATE TABLE t (id int); GRANT SELECT ON t TO reader;
                CREATE SCHEMA dbbackup_restore; CREATE TABLE dbbackup_restore.item (item bigint);
                ALTER TABLE dbbackup_restore.item ENABLE ROW LEVEL SECURITY;
                COMMENT ON SCHEMA dbbackup_restore IS 'dbbackup run 4711';
                """);
        try (BackupRun run = new BackupRun(
                reader(), BackupRun.spec(1 << 20, "restored"), Files.createDirectory(directory.resolve("restored")), 1)) {
            run.complete();
            assertThat(run.databases()).extracting(DatabaseEntry::besideRestore).containsExactly(true);
        } finally {
            server.psql("postgres", "DROP DATABASE restored");
        }
    }

    /** As those of MySQL and MariaDB: half a database would pass for one, and for one more that the source has. */
    @Test
    void what_an_unfinished_restore_has_not_given_its_name_or_has_replaced_is_no_database() throws IOException {
        String half = "dbbackup_restoring_0badcafe_0";
        String former = half + "_former";
        List.of(half, former).forEach(name -> server.psql("postgres", "CREATE DATABASE " + name));
        Path place = Files.createDirectory(directory.resolve("unfinished"));
        try (BackupRun run = new BackupRun(BackupRun.endpoint(server), BackupRun.spec(1 << 20), place, 1)) {
            ServerFacts facts = run.backup().preflight(run);
            assertThat(facts.details()).containsEntry("databases", "3").containsEntry(ServerFacts.DATABASES, "3");
            assertThat(facts.details().get("databasesLeftOut")).contains("\"" + half + "\"", "\"" + former + "\"");
            assertThat(run.warnings()).hasSize(2).allMatch(warning -> warning.contains("unfinished restore") && warning.contains("not in the backup"));
            run.complete();
            assertThat(run.databases()).extracting(DatabaseEntry::name).containsExactlyInAnyOrder("closed", "one", "two");
            assertThat(run.databases()).noneMatch(DatabaseEntry::besideRestore);
            BackupException named = refusal(BackupRun.endpoint(server), BackupRun.spec(1 << 20, half));
            assertThat(named.code()).isEqualTo(ErrorCode.UNKNOWN_DATABASE);
            assertThat(named).hasMessageContaining("unfinished restores");
        } finally {
            List.of(half, former).forEach(name -> server.psql("postgres", "DROP DATABASE " + name));
        }
    }

    @Test
    void tables_whose_rows_would_be_hidden_are_named() {
        BackupException e = refusal(reader(), BackupRun.spec(1 << 20, "two"));
        assertThat(e.code()).isEqualTo(ErrorCode.DATABASE_ROW_SECURITY);
        assertThat(e).hasMessageContaining("public.filtered");
    }

    @Test
    void password_hashes_of_roles_need_a_superuser_or_the_wish_to_do_without() {
        BackupException e = refusal(reader(), BackupRun.spec(1 << 20));
        assertThat(e.code()).isEqualTo(ErrorCode.DATABASE_PRIVILEGE_MISSING);
        assertThat(e.problem().remedy()).contains("rolePasswords: false");
    }

    @Test
    void a_wrong_password_says_so_and_does_not_show_it() {
        Endpoint endpoint = BackupRun.endpoint(server, server.user(), "sesame-open");
        BackupException e = refusal(endpoint, BackupRun.spec(1 << 20));
        assertThat(e.code()).isEqualTo(ErrorCode.DATABASE_AUTHENTICATION_FAILED);
        assertThat(e).hasMessageNotContaining("sesame-open");
    }

    @Test
    void a_server_that_is_not_there_is_unreachable() {
        Endpoint endpoint = new Endpoint(
                "nowhere", "postgresql", "127.0.0.1", 1, "x", Optional::empty, "postgres", Map.of());
        assertThat(refusal(endpoint, BackupRun.spec(1 << 20)).code()).isEqualTo(ErrorCode.DATABASE_UNREACHABLE);
    }

    @Test
    void a_name_that_cannot_be_resolved_says_so() {
        Endpoint endpoint = new Endpoint(
                "no host", "postgresql", "no-such-host.invalid", 5432, "x", Optional::empty, "postgres", Map.of());
        assertThatThrownBy(() -> new PostgresEngine().describe(endpoint))
                .isInstanceOfSatisfying(BackupException.class, e ->
                        assertThat(e.code()).isEqualTo(ErrorCode.DATABASE_UNREACHABLE))
                .hasMessageContaining("The name no-such-host.invalid cannot be resolved.");
    }

    @Test
    void a_server_for_which_there_are_no_programs_is_not_said_to_be_fine() {
        Endpoint endpoint = new Endpoint(
                "no tools", "postgresql", "127.0.0.1", server.port(), server.user(),
                () -> Optional.of(server.password()), "postgres", Map.of("toolDirectory", directory.toString()));
        assertThatThrownBy(() -> new PostgresEngine().describe(endpoint))
                .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOOL_MISSING));
    }

    @Test
    void all_databases_that_do_not_exist_are_named() {
        BackupException e = refusal(BackupRun.endpoint(server), BackupRun.spec(1 << 20, "one", "One", "nö"));
        assertThat(e.code()).isEqualTo(ErrorCode.UNKNOWN_DATABASE);
        assertThat(e).hasMessageContainingAll("\"One\"", "\"nö\"").hasMessageContaining("the server has");
    }

    @Test
    void a_database_is_found_by_its_whole_name_only() {
        server.psql("postgres", "CREATE DATABASE \"x/y?z\"");
        server.psql("postgres", "CREATE DATABASE \"dbname=one\"");
        ServerFacts facts = preflight(BackupRun.endpoint(server), BackupRun.spec(1 << 20, "x/y?z", "dbname=one"));
        assertThat(facts.details()).containsEntry("databases", "2");
        server.psql("postgres", "DROP DATABASE \"x/y?z\"");
        server.psql("postgres", "DROP DATABASE \"dbname=one\"");
    }

    @Test
    void tools_older_than_the_server_are_refused_and_missing_ones_too() throws Exception {
        Path tools = Files.createDirectory(directory.resolve("tools"));
        Endpoint endpoint = new Endpoint(
                "old tools", "postgresql", "127.0.0.1", 5432, "x", Optional::empty, "postgres",
                Map.of("toolDirectory", tools.toString()));
        assertThatThrownBy(() -> PgTools.find(endpoint, 15))
                .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOOL_MISSING));
        Path dump = tools.resolve("pg_dump");
        Files.writeString(dump, "#!/bin/sh\necho 'pg_dump (PostgreSQL) 12.9'\n");
        Files.setPosixFilePermissions(dump, PosixFilePermissions.fromString("rwx------"));
        assertThatThrownBy(() -> PgTools.find(endpoint, 15))
                .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.TOOL_TOO_OLD))
                .hasMessageContaining("12.9");
    }

    @Test
    void options_are_checked_by_name_and_value() {
        for (Map<String, String> options : List.of(
                Map.of("sslMode", "require"), Map.of("sslmode", "on"), Map.of("lockTimeoutSeconds", "-1"))) {
            assertThatThrownBy(() -> new PostgresEngine().validate(options))
                    .isInstanceOfSatisfying(BackupException.class, e ->
                            assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION))
                    .hasMessageContaining(options.keySet().iterator().next());
        }
    }
}
