package io.dbbackup.engine.mysql.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.mysql.Grant;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class ExcessPrivilegesTest {
    private static final String ACCOUNT = "`clerk`@`%`";

    private static List<Grant> grants(String... statements) {
        return Stream.of(statements).map(statement -> Grant.of(statement + " TO " + ACCOUNT).orElseThrow()).toList();
    }

    /** As older versions have read what MariaDB says. */
    private static String garbled(String statement) {
        return new String(statement.getBytes(StandardCharsets.UTF_8), Charset.forName("windows-1252"));
    }

    @Test
    void what_a_set_of_an_older_version_says_for_garbled_names_is_no_excess() {
        // some of these letters have bytes that are no character of windows-1252
        String database = "GRANT SELECT, INSERT ON `касса`.*";
        String column = "GRANT UPDATE (`имя`) ON `касса`.`счёт`";
        String role = "GRANT `роль`";
        assertThat(ExcessPrivileges.revocations(ACCOUNT, grants(database, column, role), grants(garbled(database), garbled(column), garbled(role))))
                .isEmpty();
        assertThat(ExcessPrivileges.revocations(ACCOUNT, grants("GRANT SELECT, DELETE ON `касса`.*"), grants(garbled(database))))
                .containsExactly("REVOKE DELETE ON `касса`.* FROM " + ACCOUNT);
        assertThat(ExcessPrivileges.revocations(ACCOUNT, grants("GRANT SELECT ON `магазин`.*"), grants(garbled("GRANT ALL PRIVILEGES ON `магазин`.*"))))
                .isEmpty();
        assertThat(ExcessPrivileges.revocations(ACCOUNT, grants(database), grants(garbled("GRANT SELECT ON `магазин`.*"))))
                .containsExactly("REVOKE SELECT, INSERT ON `касса`.* FROM " + ACCOUNT);
    }
}
