package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class GrantTest {
    @Test
    void passwords_and_other_attributes_of_the_account_go_and_options_stay() {
        assertThat(Grant.of("GRANT USAGE ON *.* TO `a`@`%` IDENTIFIED BY PASSWORD '*94 GRANT OPTION' REQUIRE SSL WITH MAX_USER_CONNECTIONS 3"))
                .contains(new Grant("GRANT USAGE ON *.* TO `a`@`%`", "`a`@`%`", Optional.empty()));
        assertThat(Grant.of("GRANT SELECT ON *.* TO `a`@`%` IDENTIFIED VIA ed25519 USING 'x' WITH GRANT OPTION"))
                .contains(new Grant("GRANT SELECT ON *.* TO `a`@`%` WITH GRANT OPTION", "`a`@`%`", Optional.empty()));
        assertThat(Grant.of("GRANT `role` TO `a`@`%` WITH ADMIN OPTION"))
                .contains(new Grant("GRANT `role` TO `a`@`%` WITH ADMIN OPTION", "`a`@`%`", Optional.empty()));
        assertThat(Grant.of("SET DEFAULT ROLE `role` FOR `a`@`%`"))
                .contains(new Grant("SET DEFAULT ROLE `role` FOR `a`@`%`", "`a`@`%`", Optional.empty()));
    }

    @Test
    void privileges_on_objects_wait_for_their_database() {
        assertThat(Grant.of("GRANT SELECT (`a TO b`, `c`), INSERT (`c`) ON `my ``db`.`t.x ON` TO `u`@`10.0.0.%`"))
                .contains(new Grant(
                        "GRANT SELECT (`a TO b`, `c`), INSERT (`c`) ON `my ``db`.`t.x ON` TO `u`@`10.0.0.%`", "`u`@`10.0.0.%`",
                        Optional.of("my `db")));
        assertThat(Grant.of("GRANT EXECUTE ON PACKAGE BODY `db`.`p` TO `r`").orElseThrow().database()).contains("db");
        assertThat(Grant.of("GRANT ALL PRIVILEGES ON `db\\_1`.* TO `r`").orElseThrow().database()).isEmpty();
        assertThat(Grant.of("GRANT PROXY ON ``@`10.0.%` TO `root`@`localhost` WITH GRANT OPTION").orElseThrow().database()).isEmpty();
        assertThat(Grant.of("REVOKE INSERT ON `db`.* FROM `u`@`%`").orElseThrow().grantee()).isEqualTo("`u`@`%`");
    }
}
