package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SqlStatementsTest {
    @Test
    void semicolons_inside_quotes_and_comments_do_not_end_a_statement() {
        assertThat(SqlStatements.split("""
                --
                -- a; comment
                --
                \\restrict abc
                CREATE ROLE "a;b";
                COMMENT ON ROLE "a;b" IS 'it''s; here';
                COMMENT ON ROLE x IS E'back\\\\slash\\'; ''quoted''';
                /* outer; /* inner; */ still; */
                ALTER ROLE x SET y TO $tag$;$$;$tag$;
                \\unrestrict abc
                """))
                .containsExactly(
                        "CREATE ROLE \"a;b\"",
                        "COMMENT ON ROLE \"a;b\" IS 'it''s; here'",
                        "COMMENT ON ROLE x IS E'back\\\\slash\\'; ''quoted'''",
                        "ALTER ROLE x SET y TO $tag$;$$;$tag$");
    }

    @Test
    void a_quote_ends_a_string_after_a_backslash_unless_it_is_an_escape_string() {
        assertThat(SqlStatements.split("SELECT 'a\\'; SELECT e'b\\';c'; SELECT name'd';"))
                .containsExactly("SELECT 'a\\'", "SELECT e'b\\';c'", "SELECT name'd'");
    }

    @Test
    void an_empty_script_has_no_statements() {
        assertThat(SqlStatements.split("\n-- nothing\n\\unrestrict x")).isEmpty();
    }
}
