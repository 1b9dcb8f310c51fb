package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.model.Endpoint;
import java.sql.SQLException;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MysqlErrorsTest {
    private static final Endpoint SERVER =
            new Endpoint("test", "mysql", "127.0.0.1", 3306, "root", Optional::empty, "", Map.of());

    @ParameterizedTest
    @CsvSource({
        "1054, 42S22, Unknown column", "1822, HY000, Failed to add the foreign key constraint", "1825, HY000, incorrect options",
        "1005, HY000, Can't create table `a`.`b` (errno: 150 \"Foreign key constraint is incorrectly formed\")",
        "1146, 42S02, no such table", "1049, 42000, Unknown database", "1064, 42000, syntax"
    })
    void what_a_statement_says_is_wrong(int number, String state, String message) {
        assertThat(refused(number, state, message)).isTrue();
    }

    @ParameterizedTest
    @CsvSource({
        "1205, HY000, lock wait", "1213, 40001, deadlock", "2013, 08S01, lost", "0, , closed by the driver", "1142, 42000, command denied",
        "1227, 42000, access denied", "1419, HY000, no SUPER and a binary log", "1021, HY000, disk full", "1114, HY000, table full",
        "3, HY000, error writing file (errno: 28)", "1005, HY000, Can't create table `a`.`b` (errno: 28 \"No space left on device\")",
        "1290, HY000, --read-only", "1317, 70100, interrupted", "1548, HY000, Cannot load from mysql.proc. The table is probably corrupted", "3101, 40000, rolled back",
        "1146, 42S02, Table 'mysql.proc' doesn't exist", "1030, HY000, error 168 from storage engine"
    })
    void the_state_of_the_server_or_of_the_account_is_not_the_statement(int number, String state, String message) {
        assertThat(refused(number, state, message)).isFalse();
    }

    private static boolean refused(int number, String state, String message) {
        return MysqlErrors.refusesText(MysqlErrors.translate(new SQLException(message, state, number), SERVER, "a statement"));
    }
}
