package io.dbbackup.engine.mysql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.mysql.Vendor;
import org.junit.jupiter.api.Test;

class AccountOptionsTest {
    private static final String LIMITS = "MAX_QUERIES_PER_HOUR 0 MAX_UPDATES_PER_HOUR 0 MAX_CONNECTIONS_PER_HOUR 0";

    @Test
    void what_mariadb_does_not_show_gets_its_default_where_it_belongs() {
        assertThat(mariadb("CREATE USER `a`@`%` IDENTIFIED BY PASSWORD '*94'")).isEqualTo(
                "ALTER USER `a`@`%` IDENTIFIED BY PASSWORD '*94' REQUIRE NONE WITH " + LIMITS
                        + " MAX_USER_CONNECTIONS 0 MAX_STATEMENT_TIME 0 ACCOUNT UNLOCK PASSWORD EXPIRE DEFAULT");
        assertThat(mariadb("CREATE USER `a`@`%` REQUIRE ISSUER 'x\\' WITH MAX_USER_CONNECTIONS 3' WITH MAX_STATEMENT_TIME 2.5 PASSWORD EXPIRE NEVER"))
                .isEqualTo("ALTER USER `a`@`%` REQUIRE ISSUER 'x\\' WITH MAX_USER_CONNECTIONS 3' WITH " + LIMITS
                        + " MAX_USER_CONNECTIONS 0 MAX_STATEMENT_TIME 2.5 PASSWORD EXPIRE NEVER ACCOUNT UNLOCK");
    }

    @Test
    void mysql_shows_all_but_limits() {
        assertThat(AccountOptions.alter(
                        Vendor.MYSQL, "`a`@`%`", "CREATE USER 'a'@'%' IDENTIFIED WITH 'p' REQUIRE SSL PASSWORD EXPIRE ACCOUNT LOCK PASSWORD HISTORY DEFAULT"))
                .isEqualTo("ALTER USER 'a'@'%' IDENTIFIED WITH 'p' REQUIRE SSL WITH " + LIMITS
                        + " MAX_USER_CONNECTIONS 0 PASSWORD EXPIRE ACCOUNT LOCK PASSWORD HISTORY DEFAULT");
    }

    @Test
    void a_set_without_passwords_does_not_know_options() {
        assertThat(mariadb("CREATE USER `a`@`%` ACCOUNT LOCK")).isEqualTo("ALTER USER `a`@`%` ACCOUNT LOCK");
    }

    private static String mariadb(String create) {
        return AccountOptions.alter(Vendor.MARIADB, "`a`@`%`", create);
    }
}
