package io.dbbackup.engine.mysql.backup;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class PartialRevokesTest {
    private static final Set<String> NEEDED = Set.of("SELECT", "SHOW VIEW", "TRIGGER", "EVENT");

    @Test
    void a_database_lacks_what_is_needed_and_taken_away_there() {
        assertThat(PartialRevokes.in(
                        List.of(
                                "GRANT SELECT, RELOAD, SHOW VIEW, EVENT, TRIGGER ON *.* TO `backup`@`10.%`",
                                "GRANT BACKUP_ADMIN ON *.* TO `backup`@`10.%`",
                                "GRANT SELECT ON `shown`.* TO `backup`@`10.%`",
                                "REVOKE SELECT, INSERT, SHOW VIEW ON `hidden`.* FROM `backup`@`10.%`",
                                "REVOKE DELETE ON `unharmed`.* FROM `backup`@`10.%`",
                                "REVOKE EVENT ON `a ``b``.* FROM`.* FROM `backup`@`10.%`",
                                "REVOKE ALL PRIVILEGES ON `none_100%`.* FROM `backup`@`10.%`",
                                "GRANT `role`@`%` TO `backup`@`10.%`"),
                        NEEDED))
                .isEqualTo(Map.of(
                        "hidden", Set.of("SELECT", "SHOW VIEW"),
                        "a `b`.* FROM", Set.of("EVENT"),
                        "none_100%", NEEDED));
    }

    @Test
    void what_is_granted_takes_nothing_away() {
        assertThat(PartialRevokes.in(
                        List.of("GRANT SELECT ON *.* TO `REVOKE SELECT ON ``db``.* FROM `@`%`", "GRANT USAGE ON *.* TO `x`@`%`"), NEEDED))
                .isEmpty();
    }
}
