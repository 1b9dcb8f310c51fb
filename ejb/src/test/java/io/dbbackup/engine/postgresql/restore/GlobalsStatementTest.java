package io.dbbackup.engine.postgresql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.postgresql.restore.GlobalsStatement.Kind;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GlobalsStatementTest {
    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', textBlock = """
            CREATE ROLE app | CREATE_ROLE | app
            CREATE ROLE "Ünï ""q"" role" | CREATE_ROLE | Ünï "q" role
            ALTER ROLE app WITH NOSUPERUSER INHERIT LOGIN PASSWORD 'SCRAM-SHA-256$4096:x' | ROLE_ATTRIBUTES | app
            ALTER ROLE app SET search_path TO 'a', 'with' | ROLE_DETAIL | app
            ALTER ROLE "with" SET work_mem TO '1MB' | ROLE_DETAIL | with
            COMMENT ON ROLE "my app" IS 'TO x' | ROLE_DETAIL | my app
            SECURITY LABEL FOR dummy ON ROLE app IS 'secret' | ROLE_DETAIL | app
            GRANT "group a" TO "member b" WITH ADMIN OPTION GRANTED BY postgres | MEMBERSHIP | member b
            GRANT readers TO app WITH INHERIT FALSE, SET TRUE GRANTED BY "on" | MEMBERSHIP | app
            GRANT CREATE ON TABLESPACE fast TO app | TABLESPACE_DETAIL | fast
            REVOKE ALL ON TABLESPACE fast FROM "fast owner" | TABLESPACE_DETAIL | fast
            CREATE TABLESPACE "Fast One" OWNER app LOCATION '/srv/fast' | CREATE_TABLESPACE | Fast One
            ALTER TABLESPACE fast SET (random_page_cost=1.1) | TABLESPACE_DETAIL | fast
            GRANT SET ON PARAMETER log_statement TO app | PARAMETER_PRIVILEGE | app
            SET client_encoding = 'UTF8' | SESSION_SETTING | ``
            DROP ROLE app | OTHER | ``
            """)
    void each_statement_is_recognised_with_its_subject(String sql, Kind kind, String subject) {
        GlobalsStatement statement = GlobalsStatement.of(sql);
        assertThat(statement.kind()).isEqualTo(kind);
        assertThat(statement.subject()).isEqualTo(subject);
    }

    @Test
    void a_membership_names_the_granted_role_and_can_do_without_its_grantor() {
        GlobalsStatement grant = GlobalsStatement.of("GRANT \"a b\" TO c WITH ADMIN OPTION GRANTED BY \"x \"\" y\"");
        assertThat(grant.other()).isEqualTo("a b");
        assertThat(grant.withoutGrantor().sql()).isEqualTo("GRANT \"a b\" TO c WITH ADMIN OPTION");
    }
}
