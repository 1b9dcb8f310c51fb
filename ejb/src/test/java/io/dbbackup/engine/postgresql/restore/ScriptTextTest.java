package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import org.junit.jupiter.api.Test;

class ScriptTextTest {
    private static final String SCRIPT = """
            SET statement_timeout = 0;
            SET transaction_timeout = 0;
            SELECT pg_catalog.set_config('search_path', '', false);
            SET row_security = off;
            COPY x FROM stdin;
            SELECT pg_catalog.set_config('search_path', '', false);
            SET transaction_timeout = 0;
            \\.
            """;

    @ParameterizedTest
    @ValueSource(ints = {1, 7, 64, 100_000})
    void the_header_loses_its_search_path_and_what_follows_is_untouched(int piece) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        ScriptHeader header = new ScriptHeader(out);
        byte[] all = SCRIPT.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < all.length; i += piece) {
            byte[] some = java.util.Arrays.copyOfRange(all, i, Math.min(all.length, i + piece));
            header.write(some, some.length);
        }
        header.finish();
        assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("""
                SET statement_timeout = 0;


                SET row_security = off;
                COPY x FROM stdin;
                SELECT pg_catalog.set_config('search_path', '', false);
                SET transaction_timeout = 0;
                \\.
                """);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 5, 100_000})
    void the_object_before_a_line_is_found(int piece) {
        String script = """
                SET a = b;
                --
                -- Name: first; Type: TABLE
                --
                CREATE TABLE first (
                -- Nam
                );
                --
                -- Name: second ü; Type: TABLE
                --
                CREATE TABLE second ();
                """;
        ScriptNames names = new ScriptNames();
        byte[] all = script.getBytes(StandardCharsets.UTF_8);
        for (int i = 0; i < all.length; i += piece) {
            names.accept(all, i, Math.min(piece, all.length - i));
        }
        assertThat(names.at(1)).isEmpty();
        assertThat(names.at(7)).contains("first; Type: TABLE");
        assertThat(names.at(11)).contains("second ü; Type: TABLE");
    }

    @Test
    void a_search_path_is_split_into_names() {
        assertThat(SearchPath.names("\"$user\", public, \"odd \"\" , name\", \"\""))
                .isEqualTo(List.of("$user", "public", "odd \" , name", ""));
        assertThat(SearchPath.names("")).isEmpty();
    }

    @Test
    void entries_of_the_archive_are_told_apart() {
        assertThat(TocEntry.parse("; Archive created at 2026")).isEmpty();
        TocEntry index = TocEntry.parse("3211; 1259 16398 INDEX public t x idx postgres").orElseThrow();
        assertThat(index.isIndexOrConstraint()).isTrue();
        assertThat(index.turn()).isEqualTo(TocEntry.Turn.DEFINITION);
        TocEntry attach = TocEntry.parse("3212; 0 0 INDEX ATTACH public t_idx postgres").orElseThrow();
        assertThat(attach.isIndexOrConstraint()).isFalse();
        assertThat(TocEntry.parse("3207; 3466 16418 EVENT TRIGGER - et postgres").orElseThrow().turn())
                .isEqualTo(TocEntry.Turn.EVENT_TRIGGER);
        assertThat(TocEntry.parse("3359; 0 16404 MATERIALIZED VIEW DATA public m postgres").orElseThrow().turn())
                .isEqualTo(TocEntry.Turn.REFRESH);
        assertThat(TocEntry.parse("3380; 826 16500 DEFAULT ACL app DEFAULT PRIVILEGES FOR TABLES x").orElseThrow().turn())
                .isEqualTo(TocEntry.Turn.PRIVILEGE);
    }
}
