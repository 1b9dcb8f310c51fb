package io.dbbackup.engine.mysql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.mysql.Definition;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class LoggedFunctionTest {
    private static final String BEGIN = "CREATE DEFINER=`root`@`localhost` FUNCTION `f``1`(a int) RETURNS ";

    @ParameterizedTest
    @ValueSource(strings = {
        "int(11)\n    DETERMINISTIC\nRETURN a",
        "varchar(9) CHARSET utf8mb4\n    NO SQL\n    SQL SECURITY INVOKER\nRETURN 'x'",
        "enum('','it''s','a\n    b') CHARSET latin1\n    READS SQL DATA\nRETURN ''"})
    void what_says_that_it_changes_nothing_is_taken(String rest) {
        assertThat(LoggedFunction.refused(routine(BEGIN + rest))).isFalse();
    }

    @ParameterizedTest
    @ValueSource(strings = {"int(11)\nRETURN a", "int(11)\n    MODIFIES SQL DATA\nRETURN a", "text\nRETURN '\n    DETERMINISTIC\n'"})
    void what_does_not_is_refused(String rest) {
        assertThat(LoggedFunction.refused(routine(BEGIN + rest))).isTrue();
    }

    /** An ENUM has up to 65 535 members. */
    @Test
    void a_type_may_be_long() {
        String members = IntStream.range(0, 20_000).mapToObj(n -> "'member " + n + "'").collect(Collectors.joining(","));
        assertThat(LoggedFunction.refused(routine(BEGIN + "enum(" + members + ")\n    DETERMINISTIC\nRETURN NULL"))).isFalse();
        String member = "'" + "x''".repeat(20_000) + "'";
        assertThat(LoggedFunction.refused(routine(BEGIN + "enum(" + member + ")\n    DETERMINISTIC\nRETURN NULL"))).isFalse();
    }

    @Test
    void procedures_are_not_concerned() {
        Definition procedure = routine("CREATE DEFINER=`root`@`localhost` PROCEDURE `p`()\nBEGIN END");
        assertThat(LoggedFunction.is(procedure)).isFalse();
        assertThat(LoggedFunction.refused(procedure)).isFalse();
    }

    private static Definition routine(String statement) {
        return new Definition(Definition.Kind.ROUTINE, "f", statement);
    }
}
