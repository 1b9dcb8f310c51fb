package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** What the grants on a database come to; that a server agrees is in {@link TargetContract}. */
class PrivilegesTest {
    @Test
    void one_that_is_no_pattern_counts_alone_and_of_patterns_what_all_of_them_give() {
        assertThat(Privileges.counting(Map.of("app\\_x", Set.of("SELECT"), "app\\_%", Set.of("SELECT", "EVENT")), "app_x", false))
                .containsExactly("SELECT");
        assertThat(Privileges.counting(Map.of("app_x", Set.of("EVENT", "TRIGGER"), "%", Set.of("EVENT", "SELECT")), "app_x", false))
                .containsExactly("EVENT");
        assertThat(Privileges.counting(Map.of("a%", Set.of("EVENT")), "app_x", false)).containsExactly("EVENT");
        assertThat(Privileges.counting(Map.of(), "app_x", false)).isEmpty();
    }

    /** MySQL since 8.0.16, which the tests do not have. */
    @Test
    void with_partial_revokes_there_are_no_patterns() {
        Map<String, Set<String>> grants = Map.of("app_x", Set.of("SELECT"), "app%", Set.of("EVENT"), "app__", Set.of("TRIGGER"));
        assertThat(Privileges.counting(grants, "app_x", true)).containsExactly("SELECT");
        assertThat(Privileges.counting(grants, "appyx", true)).isEmpty();
        assertThat(Privileges.counting(Map.of("app\\_x", Set.of("EVENT")), "app_x", true)).containsExactly("EVENT");
    }
}
