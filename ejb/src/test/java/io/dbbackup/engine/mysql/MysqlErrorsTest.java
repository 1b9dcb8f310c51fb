package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
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

    /** The driver gives up on a session at the server's state of this, although nothing but a setting is wrong. */
    @ParameterizedTest
    @CsvSource(quoteCharacter = '"', value = {
        "1153, 08S01, Got a packet bigger than 'max_allowed_packet' bytes",
        "0, S1000, Packet for query is too large (2 > 1). You can change this value on the server by setting the 'max_allowed_packet' variable.",
        "1105, HY000, Parameter of prepared statement which is set through mysql_send_long_data() is longer than 'max_allowed_packet' bytes"
    })
    void what_is_too_large_for_the_server_says_what_to_set_and_is_not_tried_again(int number, String state, String message) {
        BackupException failed = MysqlErrors.translate(new SQLException(message, state, number), SERVER, "a statement");
        assertThat(failed.code()).isEqualTo(ErrorCode.DATABASE_WRONG);
        assertThat(failed.code().retryable()).isFalse();
        assertThat(failed.problem().remedy()).contains("SET GLOBAL max_allowed_packet");
    }

    private static boolean refused(int number, String state, String message) {
        return MysqlErrors.refusesText(MysqlErrors.translate(new SQLException(message, state, number), SERVER, "a statement"));
    }
}
