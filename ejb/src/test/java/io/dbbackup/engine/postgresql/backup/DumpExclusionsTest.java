package io.dbbackup.engine.postgresql.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.BackupRun;
import io.dbbackup.engine.postgresql.PgProcess;
import io.dbbackup.engine.postgresql.PgTools;
import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.throwaway.PostgresInstance;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Rows of tables stay out of pg_dump's archive, whatever the tables are called; everything else stays in. */
class DumpExclusionsTest {
    private static final List<String> NAMES = List.of(
            "plain", "Upper", "with space", "two\nlines", "quote\"d", "it's", "back\\slash", "dot.ted", "dol$lar", "st*r",
            "que?stion", "(paren", "[brack]et", "{2}", "pi|pe", "^hat", "plus+", "\\u0041", "Ünïcödé", "a\tb", "-dash");
    private static PostgresInstance server;

    @BeforeAll
    static void start() {
        server = PostgresInstance.builder().start();
    }

    @AfterAll
    static void end() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource({"UTF8,C", "LATIN1,C", "SQL_ASCII,C", "EUC_JP,C"})
    void odd_names_are_matched_exactly_in_every_encoding(String encoding, String locale) throws Exception {
        String database = "names " + encoding;
        server.psql("postgres", "CREATE DATABASE \"" + database + "\" TEMPLATE template0 ENCODING '" + encoding
                + "' LOCALE '" + locale + "'");
        List<String> names = new ArrayList<>(NAMES);
        if (encoding.equals("UTF8")) {
            names.addAll(List.of("\uD83D\uDE00", "\uD83D\uDE00a", "\uD83D\uDE00.b", "日本"));
        } else if (encoding.equals("EUC_JP")) {
            names.removeIf(name -> name.contains("Ü"));
            names.add("日本");
        }
        StringBuilder script = new StringBuilder("SET client_encoding = 'UTF8'; SET client_min_messages = error;\n");
        for (String schema : List.of("public", "Odd sch\"ema.x", "only tables")) {
            script.append("CREATE SCHEMA IF NOT EXISTS ").append(Quoting.identifier(schema)).append(";\n");
            for (String name : names) {
                String table = Quoting.qualified(schema, name);
                // a sequence whose name differs by one character from the table's must keep its value
                script.append("CREATE TABLE ").append(table).append(" (id int); INSERT INTO ").append(table)
                        .append(" VALUES (4711);\n");
                if (!schema.equals("only tables")) {
                    script.append("CREATE SEQUENCE ").append(Quoting.qualified(schema, name + "1")).append(";\n");
                }
            }
        }
        server.psql(database, script.toString());
        String dump = dump(BackupRun.endpoint(server), database);
        assertThat(dump).doesNotContain("4711").doesNotContain("COPY ");
        assertThat(dump.split("pg_catalog.setval\\(", -1)).hasSize(2 * names.size() + 1);
        assertThat(dump.split("CREATE TABLE ", -1)).hasSize(3 * names.size() + 1);
    }

    @Test
    void schemas_that_cannot_be_told_apart_keep_the_values_of_their_sequences() throws Exception {
        String database = "alike";
        server.psql("postgres", "CREATE DATABASE alike TEMPLATE template0 ENCODING 'EUC_JP' LOCALE 'C'");
        server.psql(database, """
                SET client_encoding = 'UTF8';
                CREATE SCHEMA "日本";
                CREATE TABLE "日本".t AS SELECT 4711 AS id;
                CREATE SCHEMA "東京";
                CREATE TABLE "東京".u AS SELECT 4711 AS id;
                CREATE SEQUENCE "東京".s START 815;
                """);
        assertThat(dump(BackupRun.endpoint(server), database)).contains("s', 815, ").doesNotContain("4711");
        server.psql(database, "SET client_encoding = 'UTF8'; CREATE SEQUENCE \"東京\".t");
        assertThatThrownBy(() -> dump(BackupRun.endpoint(server), database))
                .isInstanceOfSatisfying(BackupException.class, e ->
                        assertThat(e.problem().cause()).contains("日本.t", "東京.t"));
    }

    @Test
    void a_prefix_tree_matches_neither_prefixes_nor_extensions() {
        assertThat(ExclusionPatterns.exact("s", List.of("a", "ab", "abc", "b", "xyz"), ExclusionPatterns.NameAtoms::unicode))
                .containsExactly("s.(a(|b(|c))|b|xyz)");
    }

    @Test
    void arguments_stay_below_what_a_process_can_take() {
        List<String> names = new ArrayList<>();
        for (int i = 0; i < 5000; i++) {
            names.add("Ü".repeat(50) + i);
        }
        assertThat(ExclusionPatterns.exact("s", names, ExclusionPatterns.NameAtoms::unicode))
                .allSatisfy(pattern -> assertThat(pattern).hasSizeLessThan(120_000));
    }

    private static String dump(Endpoint endpoint, String database) throws Exception {
        List<String> arguments = new ArrayList<>(List.of("--format=plain", "--encoding=UTF8"));
        if (database.endsWith("SQL_ASCII")) {
            arguments.remove("--encoding=UTF8");
        }
        try (SnapshotSession session = SnapshotSession.open(endpoint, database);
                SnapshotReader reader = session.borrow()) {
            arguments.addAll(DumpExclusions.arguments(reader.sql()));
            try (PgProcess dump = PgProcess.start(
                    PgTools.find(endpoint, session.major()), "pg_dump", endpoint, database, arguments,
                    new Cancellation())) {
                String text = new String(dump.stream().readAllBytes(), StandardCharsets.UTF_8);
                dump.awaitSuccess();
                return text;
            }
        }
    }
}
