package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.List;
import org.junit.jupiter.api.Test;

/** That servers are understood is in {@code MariadbAccountsTest} and {@code MysqlRoundTripTest}. */
class AccountGrantsTest {
    private static final Account ANN = new Account("ann", "10.%", false);

    @Test
    void an_account_of_which_no_line_is_is_not_taken_for_one_that_may_nothing() {
        assertThatCode(() -> AccountGrants.requireOwn(
                List.of("GRANT USAGE ON *.* TO `ann`@`10.%`", "GRANT SELECT ON `a`.* TO `reader`"), ANN)).doesNotThrowAnyException();
        // as releases before write names
        assertThatThrownBy(() -> AccountGrants.requireOwn(
                        List.of("GRANT USAGE ON *.* TO 'ann'@'10.%' IDENTIFIED BY PASSWORD '*ABC'", "GRANT SELECT ON `a`.* TO `reader`"), ANN))
                .hasMessageContainingAll("none of the 2 lines of SHOW GRANTS FOR `ann`@`10.%`", "'ann'@'10.%', `reader`").hasMessageNotContaining("*ABC");
        assertThatThrownBy(() -> AccountGrants.requireOwn(List.of("something new"), ANN)).hasMessageContaining("none of the 1 lines");
    }
}
