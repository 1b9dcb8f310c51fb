package io.dbbackup.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.spi.ItemDraft;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Which runs somebody is asked to look at. */
class WaitingRunsTest {
    private final RunFixture fixture = new RunFixture();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void a_refused_run_waits_until_the_same_is_tried_again() {
        UUID other = ended("backup of crm", false);
        UUID first = ended("backup of shop", false);
        assertThat(waiting()).containsExactly(first, other);
        UUID second = ended("backup of shop", false);
        assertThat(waiting()).containsExactly(second, other);

        UUID third = create("backup of shop");

        assertThat(waiting()).containsExactly(other);
        fixture.runs.end(third, RunState.SUCCEEDED, "COMPLETED");
        assertThat(waiting()).containsExactly(other);
    }

    @Test
    void what_a_run_has_begun_waits_whatever_is_tried_later() {
        UUID begun = ended("backup of shop", true);
        UUID refused = ended("backup of shop", false);
        fixture.clock.set(fixture.clock.instant().plus(Duration.ofDays(30)));
        assertThat(waiting()).containsExactly(begun);
        assertThat(fixture.runs.get(refused).restartable()).isTrue();
    }

    @Test
    void a_refused_run_waits_no_longer_than_a_week() {
        UUID refused = ended("backup of shop", false);
        fixture.clock.set(fixture.clock.instant().plus(Duration.ofDays(7)).minusSeconds(1));
        assertThat(waiting()).containsExactly(refused);
        fixture.clock.set(fixture.clock.instant().plusSeconds(1));
        assertThat(waiting()).isEmpty();
    }

    @Test
    void a_run_of_another_policy_is_not_the_same_tried_again() {
        UUID nightly = create("backup of shop", Optional.of("nightly"));
        fixture.runs.end(nightly, RunState.FAILED, "FAILED");
        fixture.runs.end(create("backup of shop", Optional.of("hourly")), RunState.SUCCEEDED, "COMPLETED");
        assertThat(waiting()).containsExactly(nightly);
        fixture.runs.end(create("backup of shop", Optional.of("nightly")), RunState.SUCCEEDED, "COMPLETED");
        assertThat(waiting()).isEmpty();
    }

    /** A backup that lacks a database has published its set: a restart could add nothing. */
    @Test
    void of_what_ended_with_warnings_only_that_waits_which_a_restart_would_complete() {
        UUID restore = warned(Operation.RESTORE, Map.of());
        UUID copied = warned(Operation.BACKUP, Map.of("source", "shop", "copies", "[\"second\"]"));
        warned(Operation.BACKUP, Map.of("source", "shop"));
        warned(Operation.BACKUP, Map.of("source", "shop", "label", "of \"copies\": none"));
        warned(Operation.RETENTION, Map.of());

        assertThat(waiting()).containsExactlyInAnyOrder(restore, copied);
    }

    @Test
    void of_years_of_runs_only_those_are_read_that_are_shown() {
        for (int i = 0; i < 15; i++) {
            ended("begun " + i, true);
        }
        for (int i = 0; i < 30; i++) {
            warned(Operation.BACKUP, Map.of("source", "shop"));
        }
        assertThat(CatalogFixture.runsRead(() -> assertThat(waiting()).hasSize(10))).isEqualTo(10);
    }

    private UUID warned(Operation operation, Map<String, String> parameters) {
        UUID run = fixture.runs
                .create(
                        new RunDraft(
                                operation, "a run", Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), parameters),
                        "tester", "test", Optional.empty(), "")
                .id();
        fixture.runs.problem(run, new Problem(ErrorCode.STORE_IO, "the store is away", "Plug it in."));
        fixture.runs.end(run, RunState.SUCCEEDED_WITH_WARNINGS, "COMPLETED_WITH_WARNINGS");
        return run;
    }

    private List<UUID> waiting() {
        return fixture.runs.waiting(10).stream().map(RunView::id).toList();
    }

    private UUID ended(String label, boolean begun) {
        UUID run = create(label);
        if (begun) {
            fixture.queue.add(run, List.of(new ItemDraft("key", "kind", "label", "shop", 0, 0, Map.of(), Set.of())));
        }
        fixture.runs.end(run, RunState.FAILED, "FAILED");
        return run;
    }

    private UUID create(String label) {
        return create(label, Optional.empty());
    }

    private UUID create(String label, Optional<String> policy) {
        fixture.clock.set(fixture.clock.instant().plusSeconds(1));
        RunDraft draft = new RunDraft(
                Operation.BACKUP, label, Optional.empty(), Optional.empty(), policy, Optional.empty(), Map.of());
        return fixture.runs.create(draft, "ann", "cli", Optional.empty(), "").id();
    }
}
