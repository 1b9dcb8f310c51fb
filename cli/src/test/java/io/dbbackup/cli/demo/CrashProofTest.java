package io.dbbackup.cli.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.cli.client.ApiException;
import io.dbbackup.cli.demo.DemoRuns.Item;
import java.util.Map;
import org.junit.jupiter.api.Test;

class CrashProofTest {
    private static final Item WAITING = new Item("pg.restore.data", "PENDING", 0, "", 0);
    private static final Item CUT_SHORT = new Item("pg.restore.data", "RUNNING", 1, "", 0);
    private static final Item DONE_BEFORE = new Item("pg.restore.data", "DONE", 1, "2026-01-01T00:00:00Z", 7);

    @Test
    void counts_what_was_untouched_begun_again_and_begun_first() {
        Map<String, Item> before = Map.of("a", DONE_BEFORE, "b", CUT_SHORT, "c", WAITING);
        Map<String, Item> after = Map.of("a", DONE_BEFORE, "b", done(2), "c", done(1), "added", done(1));
        assertThat(CrashProof.of(before, after)).isEqualTo(new CrashProof(4, 1, 1, 2));
    }

    @Test
    void refuses_an_item_that_was_done_again() {
        assertThatThrownBy(() -> CrashProof.of(Map.of("a", DONE_BEFORE), Map.of("a", done(2))))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("a was done before the kill and again after it");
    }

    @Test
    void refuses_an_item_that_was_begun_again_with_a_reset_counter() {
        assertThatThrownBy(() -> CrashProof.of(Map.of("a", DONE_BEFORE), Map.of("a", done(1))))
                .hasMessageContaining("a was done before the kill and again after it");
    }

    @Test
    void refuses_items_that_are_left_or_missing() {
        assertThatThrownBy(() -> CrashProof.of(Map.of("a", WAITING, "b", WAITING), Map.of("b", WAITING)))
                .hasMessageContaining("b is PENDING")
                .hasMessageContaining("a has vanished");
    }

    private static Item done(int attempts) {
        return new Item("pg.restore.data", "DONE", attempts, "2026-01-01T00:01:00Z", 7);
    }
}
