package io.dbbackup.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class CleanupTest {
    private final List<String> done = new ArrayList<>();
    private final Cleanup cleanup = new Cleanup(() -> done.add("interrupted"));

    @Test
    void undoes_everything_once_and_the_last_first() {
        cleanup.add("a", () -> done.add("a"));
        cleanup.add("b", () -> done.add("b"));
        cleanup.close();
        cleanup.close();
        assertThat(done).containsExactly("b", "a");
        assertThat(cleanup.interrupted()).isFalse();
    }

    @Test
    void goes_on_after_a_failure_and_names_it() {
        cleanup.add("a", () -> done.add("a"));
        cleanup.add("b", () -> {
            throw new IllegalArgumentException("broken");
        });
        assertThatThrownBy(cleanup::close).hasMessage("b: broken");
        assertThat(done).containsExactly("a");
    }

    @Test
    void undoes_at_once_what_comes_too_late() {
        cleanup.close();
        assertThatThrownBy(() -> cleanup.add("late", () -> done.add("late"))).isInstanceOf(IllegalStateException.class);
        assertThat(done).containsExactly("late");
    }
}
