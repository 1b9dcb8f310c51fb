package io.dbbackup.service.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.RunDraft;
import io.dbbackup.catalog.RunView;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Operation;
import io.dbbackup.model.RunState;
import jakarta.enterprise.event.Event;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Two servers of one catalog: this one looks, and another one lives or does not. */
class LostRunsTest {
    private static final int ENOUGH = 7;
    private static final Executions.NeverBegan NOBODY = (run, owner, how) -> {
        throw new AssertionError(run + " is " + how);
    };

    private final RunFixture fixture = new RunFixture();
    /** Those of the other server. */
    private final Executions elsewhere =
            fixture.catalog.bean(Executions.class, fixture.queue, fixture.runs, fixture.limits);
    private final List<RunView> released = new ArrayList<>();
    private final List<RunView> told = new ArrayList<>();
    private final LostRuns lost =
            new LostRuns(fixture.runs, fixture.queue, fixture.executions, new Endings(fixture.runs, telling()), named("this"), telling());

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void a_run_whose_server_is_gone_for_good_is_ended_by_another_one_and_told_once() {
        UUID run = begun("other");

        look(ENOUGH - 1);
        assertThat(state(run)).isEqualTo(RunState.RUNNING);
        look(3);

        RunView ended = fixture.runs.get(run);
        assertThat(ended.state()).isEqualTo(RunState.INTERRUPTED);
        assertThat(ended.exitStatus()).contains("NODE_LOST");
        assertThat(ended.problem().orElseThrow().code()).isEqualTo(ErrorCode.NODE_LOST);
        assertThat(ended.problem().orElseThrow().cause()).contains("other");
        assertThat(released).extracting(RunView::id).containsExactly(run);
        assertThat(told).extracting(RunView::id).containsExactly(run);
    }

    /** However far its clock is behind: signs are compared with each other only. */
    @Test
    void a_server_whose_clock_is_hours_behind_keeps_its_runs() {
        fixture.clock.set(fixture.clock.instant().minus(Duration.ofHours(5)));
        UUID run = begun("other");
        for (int i = 0; i < 3 * ENOUGH; i++) {
            fixture.clock.set(fixture.clock.instant().plus(Duration.ofSeconds(1)));
            fixture.runs.heartbeat(run, 1);
            look(1);
        }

        lost.endOwn(released::add);

        assertThat(state(run)).isEqualTo(RunState.RUNNING);
        assertThat(released).isEmpty();
    }

    @Test
    void a_server_that_starts_ends_what_it_had_begun_at_once_and_nothing_of_others() {
        UUID own = begun("this");
        UUID others = begun("other");
        UUID queued = created();
        UUID waiting = created();
        elsewhere.queue(waiting, "other");

        lost.endOwn(released::add);

        assertThat(state(own)).isEqualTo(RunState.INTERRUPTED);
        assertThat(state(others)).isEqualTo(RunState.RUNNING);
        assertThat(state(queued)).as("nobody's yet").isEqualTo(RunState.QUEUED);
        assertThat(state(waiting)).isEqualTo(RunState.QUEUED);
    }

    /** As when all threads for jobs are taken for hours, or a discard drops large databases. */
    @Test
    void a_queued_run_lives_as_long_as_the_server_where_it_waits_says_so() {
        UUID run = created();
        UUID forgotten = created();
        elsewhere.queue(run, "other");
        for (int i = 0; i < 2 * ENOUGH; i++) {
            fixture.clock.set(fixture.clock.instant().plusSeconds(1));
            elsewhere.beatQueued(NOBODY);
            look(1);
        }
        assertThat(state(run)).isEqualTo(RunState.QUEUED);
        assertThat(state(forgotten)).as("submitted by a server that died before it could").isEqualTo(RunState.INTERRUPTED);

        elsewhere.dequeue(run);
        elsewhere.beatQueued(NOBODY);
        look(ENOUGH);

        assertThat(state(run)).isEqualTo(RunState.INTERRUPTED);
    }

    @Test
    void a_run_that_an_operator_had_stopped_is_stopped_when_its_server_is_gone() {
        UUID run = begun("other");
        fixture.runs.stopRequested(run);

        look(ENOUGH);

        assertThat(state(run)).isEqualTo(RunState.STOPPED);
        assertThat(fixture.runs.get(run).problem()).isEmpty();
    }

    @Test
    void a_server_that_lives_after_all_keeps_its_run() {
        UUID run = begun("other");
        look(ENOUGH - 1);

        lost.look(released::add);
        UUID late = begun("other");
        look(ENOUGH - 1);
        fixture.clock.set(fixture.clock.instant().plusSeconds(1));
        // between the look at the signs and the end
        lost.look(doomed -> fixture.runs.heartbeat(doomed.id(), doomed.executions()));

        assertThat(state(run)).isEqualTo(RunState.INTERRUPTED);
        assertThat(state(late)).isEqualTo(RunState.RUNNING);
    }

    @Test
    void what_this_server_executes_is_not_lost_however_long_the_catalog_was_away() {
        UUID run = created();
        fixture.executions.begin(run, 1, 1, "this", () -> false);

        look(3 * ENOUGH);

        assertThat(state(run)).isEqualTo(RunState.RUNNING);
    }

    @Test
    void what_waits_on_this_server_is_not_lost_however_long_the_catalog_was_away() {
        UUID run = created();
        fixture.executions.queue(run, "this");

        look(3 * ENOUGH);

        assertThat(state(run)).isEqualTo(RunState.QUEUED);
    }

    /** As while the scripts after a run are at work that ended without a result. */
    @Test
    void a_run_lives_until_its_execution_has_closed_what_it_holds() {
        UUID run = created();
        Execution execution = fixture.executions.begin(run, 1, 1, "this", () -> false);
        execution.hold("slow", AutoCloseable.class, () -> () -> {
            look(2 * ENOUGH);
            assertThat(fixture.executions.all()).as("those that have heartbeats").contains(execution);
        });

        fixture.executions.end(run);

        assertThat(state(run)).isEqualTo(RunState.RUNNING);
        assertThat(fixture.executions.all()).isEmpty();
    }

    /** It waits for a thread there; the stop was asked for here. */
    @Test
    void a_queued_run_that_was_stopped_elsewhere_lives_until_its_turn_and_begins_stopped() {
        UUID run = created();
        elsewhere.queue(run, "other");
        fixture.runs.stopRequested(run);
        for (int i = 0; i < 2 * ENOUGH; i++) {
            fixture.clock.set(fixture.clock.instant().plusSeconds(1));
            elsewhere.beatQueued(NOBODY);
            look(1);
        }
        assertThat(state(run)).isEqualTo(RunState.QUEUED);

        Execution begun = elsewhere.begin(run, 1, 1, "other", () -> false);

        assertThat(begun.cancellation().cancelled()).isTrue();
        assertThat(state(run)).isEqualTo(RunState.STOPPING);
    }

    @Test
    void a_queued_run_that_was_declared_lost_does_not_begin_after_all() {
        UUID run = created();
        elsewhere.queue(run, "other");
        fixture.runs.submitted(run, 1);
        look(ENOUGH);
        assertThat(state(run)).isEqualTo(RunState.INTERRUPTED);

        refused(run, 1, ErrorCode.RUN_NOT_RESTARTABLE);
        assertThat(state(run)).isEqualTo(RunState.INTERRUPTED);

        fixture.runs.queued(run, "this");
        fixture.executions.queue(run, "this");
        elsewhere.beatQueued(NOBODY);
        fixture.runs.submitted(run, 2);
        refused(run, 1, ErrorCode.RUN_NOT_RESTARTABLE);
        assertThat(fixture.runs.get(run).owner()).contains("this");
        fixture.executions.begin(run, 1, 2, "this", () -> false);
        refused(run, 3, ErrorCode.RUN_ALREADY_ACTIVE);
        assertThat(fixture.runs.get(run).executions()).isEqualTo(1);
    }

    private void refused(UUID run, long job, ErrorCode code) {
        assertThatThrownBy(() -> elsewhere.begin(run, 1, job, "other", () -> false))
                .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private void look(int times) {
        for (int i = 0; i < times; i++) {
            lost.look(released::add);
        }
    }

    private RunState state(UUID run) {
        return fixture.runs.get(run).state();
    }

    private UUID begun(String server) {
        UUID run = created();
        elsewhere.begin(run, 1, 1, server, () -> false);
        return run;
    }

    private UUID created() {
        return fixture.runs
                .create(
                        new RunDraft(
                                Operation.RETENTION, "a run", Optional.empty(), Optional.empty(), Optional.empty(),
                                Optional.empty(), Map.of()),
                        "tester", "test", Optional.empty(), "")
                .id();
    }

    private static Node named(String name) {
        return new Node() {
            @Override
            public String name() {
                return name;
            }
        };
    }

    @SuppressWarnings("unchecked")
    private Event<RunEnded> telling() {
        return (Event<RunEnded>) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {Event.class}, (proxy, method, arguments) -> {
                    told.add(((RunEnded) arguments[0]).run());
                    return null;
                });
    }
}
