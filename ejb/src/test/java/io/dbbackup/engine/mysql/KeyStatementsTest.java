package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;

class KeyStatementsTest {
    private static final List<String> KEYS = List.of(
            "UNIQUE KEY `u, ADD FULLTEXT KEY` (`a`)", "FULLTEXT KEY `f` (`b`)", "KEY `k` ((concat(`a`, ', ADD ''')))",
            "FULLTEXT KEY `g` (`a`) COMMENT 'it''s \\', ADD FULLTEXT KEY'", "FULLTEXT KEY `h` (`a`,`b`)");
    private static final List<String> STATEMENTS = List.of(
            "ALTER TABLE `t ADD ``x` ADD UNIQUE KEY `u, ADD FULLTEXT KEY` (`a`), ADD FULLTEXT KEY `f` (`b`), ADD KEY `k` ((concat(`a`, ', ADD ''')))",
            "ALTER TABLE `t ADD ``x` ADD FULLTEXT KEY `g` (`a`) COMMENT 'it''s \\', ADD FULLTEXT KEY'",
            "ALTER TABLE `t ADD ``x` ADD FULLTEXT KEY `h` (`a`,`b`)");

    @Test
    void all_but_the_first_key_of_words_have_statements_of_their_own() {
        assertThat(KeyStatements.of("t ADD `x", KEYS)).isEqualTo(STATEMENTS);
        assertThat(KeyStatements.of("t", KEYS.subList(0, 1))).containsExactly("ALTER TABLE `t` ADD " + KEYS.get(0));
    }

    @Test
    void what_older_versions_have_written_as_one_statement_is_taken_apart() {
        assertThat(KeyStatements.split("ALTER TABLE `t ADD ``x` ADD " + String.join(", ADD ", KEYS))).isEqualTo(STATEMENTS);
        for (String one : List.of(STATEMENTS.get(0), STATEMENTS.get(1), "ALTER TABLE `t` FORCE, ALGORITHM=COPY")) {
            assertThat(KeyStatements.split(one)).containsExactly(one);
        }
    }
}
