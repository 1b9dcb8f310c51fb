package io.dbbackup.service.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assertions.assertTimeoutPreemptively;

import io.dbbackup.catalog.RunDraft;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ItemState;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import jakarta.transaction.Status;
import jakarta.transaction.Synchronization;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.lang.reflect.Field;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class RunEngineTest {
    private static final Duration LIMIT = Duration.ofSeconds(60);

    private final RunFixture fixture = new RunFixture();
    private final List<Synchronization> synchronizations = new ArrayList<>();
    private final OneItem handler = new OneItem();
    private final RunEngine engine = engine(fixture.executions);
    /** Those of another server with the same catalog. */
    private final Executions elsewhere =
            fixture.catalog.bean(Executions.class, fixture.queue, fixture.runs, fixture.limits);
    private final UUID run = fixture.create(handler, Map.of());

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void an_item_whose_outcome_was_rolled_back_is_done_again_by_another_worker() {
        fixture.executions.begin(run, 1, 1, "node", () -> false);
        engine.plan(run);
        WorkItem item = next();

        assertThatThrownBy(() -> fixture.catalog.inTransaction(() -> {
                    engine.record(engine.execute(item));
                    throw new IllegalStateException("the checkpoint could not be written");
                }))
                .isInstanceOf(IllegalStateException.class);
        synchronizations.forEach(each -> each.afterCompletion(Status.STATUS_ROLLEDBACK));

        WorkItem again = next();
        assertThat(again.id()).isEqualTo(item.id());
        assertThat(again.attempt()).isEqualTo(2);
    }

    @Test
    void an_item_that_ends_its_worker_with_an_error_is_done_again_by_another_one() {
        fixture.executions.begin(run, 1, 1, "node", () -> false);
        engine.plan(run);
        WorkItem item = next();
        handler.error = true;

        assertThatThrownBy(() -> engine.execute(item)).isInstanceOf(OutOfMemoryError.class);

        assertThat(next().attempt()).isEqualTo(2);
    }

    /** Each worker would end at the item without a word, and the run have failed for no reason. */
    @Test
    void an_item_that_fails_and_cannot_be_started_again_has_failed_with_both_reasons() {
        fixture.executions.begin(run, 1, 1, "node", () -> false);
        engine.plan(run);
        WorkItem item = next();
        handler.failure = Optional.of(new BackupException(ErrorCode.SNAPSHOT_LOST, "a table was changed", "Start again."));

        fixture.catalog.inTransaction(() -> engine.record(engine.execute(item)));

        assertThat(fixture.queue.failures(run, 10)).singleElement().satisfies(failed -> {
            assertThat(failed.problem().orElseThrow().code()).isEqualTo(ErrorCode.STORE_NOT_WRITABLE);
            assertThat(failed.problem().orElseThrow().cause()).contains("it deletes nothing", "a table was changed");
        });
        assertThat(assertTimeoutPreemptively(LIMIT, () -> engine.next(run))).isEmpty();
    }

    @Test
    void a_second_execution_of_a_run_is_refused_and_changes_nothing() {
        fixture.executions.begin(run, 1, 1, "node", () -> false);

        assertThatThrownBy(() -> fixture.executions.begin(run, 1, 2, "node", () -> false))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.RUN_ALREADY_ACTIVE));

        assertThat(fixture.runs.get(run).jobExecution()).contains(1L);
        assertThat(fixture.runs.get(run).executions()).isEqualTo(1);
    }

    private Execution begunElsewhere() {
        fixture.runs.end(run, RunState.INTERRUPTED, "NODE_LOST");
        return elsewhere.begin(run, 1, 2, "node", () -> false);
    }

    /** Its server was silent for a minute, or has the name of another one: it lives, and the run goes on elsewhere. */
    @Test
    void an_execution_that_was_given_up_claims_nothing_more_and_ends() {
        Execution first = fixture.executions.begin(run, 1, 1, "node", () -> false);
        engine.plan(run);
        Execution second = begunElsewhere();

        assertThat(assertTimeoutPreemptively(LIMIT, () -> engine.next(run))).isEmpty();

        assertThat(first.cancellation().cancelled()).isTrue();
        assertThat(second.cancellation().cancelled()).isFalse();
        assertThat(assertTimeoutPreemptively(LIMIT, () -> engine(elsewhere).next(run))).isPresent();
    }

    @Test
    void what_an_execution_has_done_that_was_given_up_does_not_count() {
        fixture.executions.begin(run, 1, 1, "node", () -> false);
        engine.plan(run);
        WorkItem item = next();
        begunElsewhere();

        fixture.catalog.inTransaction(() -> engine.record(engine.execute(item)));

        assertThat(fixture.queue.count(run, ItemState.DONE)).isZero();
    }

    @Test
    void an_execution_that_was_given_up_publishes_nothing_and_says_nothing_of_the_run() {
        fixture.executions.begin(run, 1, 1, "node", () -> false);
        engine.plan(run);
        begunElsewhere();

        assertThat(engine.seal(run).result()).isEqualTo(SealOutcome.Result.FAILED);

        assertThat(handler.sealed).isZero();
        assertThat(fixture.runs.get(run).problem()).isEmpty();
    }

    /** As when a backup is stopped while it copies the set that it has published. */
    @Test
    void a_seal_that_is_stopped_leaves_what_an_earlier_one_has_told() {
        Execution execution = fixture.executions.begin(run, 1, 1, "node", () -> false);
        engine.seal(run);
        execution.cancellation().cancel();

        assertThat(engine.seal(run).result()).isEqualTo(SealOutcome.Result.FAILED);

        assertThat(fixture.runs.get(run).problem().orElseThrow().code()).isEqualTo(ErrorCode.CANCELLED);
        assertThat(fixture.runs.get(run).summary().orElseThrow()).contains("sealed", "1");
    }

    @Test
    void a_run_that_was_declared_interrupted_is_worked_on_by_nobody() {
        Execution execution = fixture.executions.begin(run, 1, 1, "node", () -> false);
        engine.plan(run);
        fixture.runs.end(run, RunState.INTERRUPTED, "NODE_LOST");

        assertThat(assertTimeoutPreemptively(LIMIT, () -> engine.next(run))).isEmpty();

        assertThat(execution.cancellation().cancelled()).isTrue();
    }

    private WorkItem next() {
        return assertTimeoutPreemptively(LIMIT, () -> engine.next(run)).orElseThrow();
    }

    private RunEngine engine(Executions executions) {
        RunEngine made = fixture.catalog.bean(
                RunEngine.class, FixedInstance.of(handler), executions, fixture.queue, fixture.runs);
        try {
            Field field = RunEngine.class.getDeclaredField("transactions");
            field.setAccessible(true);
            field.set(made, Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {TransactionSynchronizationRegistry.class},
                    (proxy, method, arguments) -> {
                        if (method.getName().equals("getTransactionStatus")) {
                            return Status.STATUS_ACTIVE;
                        }
                        synchronizations.add((Synchronization) arguments[0]);
                        return null;
                    }));
            return made;
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    /** A run of one item. */
    private final class OneItem implements RunHandler {
        private boolean error;
        private Optional<BackupException> failure = Optional.empty();
        private int sealed;

        @Override
        public Operation operation() {
            return Operation.RETENTION;
        }

        @Override
        public RunDraft check(Parameters parameters) {
            return new RunDraft(
                    Operation.RETENTION, "one item", Optional.empty(), Optional.empty(), Optional.empty(),
                    Optional.empty(), Map.of());
        }

        @Override
        public void plan(Execution execution) {
            fixture.queue.add(
                    execution.run(),
                    List.of(new ItemDraft("a", "item", "an item", "", 0, 0, Map.of(), Set.of())));
        }

        @Override
        public ItemResult execute(Execution execution, WorkItem item, Progress progress) {
            if (error) {
                throw new OutOfMemoryError("for the test");
            }
            failure.ifPresent(e -> {
                throw e;
            });
            return ItemResult.of(Map.of());
        }

        @Override
        public boolean mayRecover(Problem problem) {
            return problem.code() == ErrorCode.SNAPSHOT_LOST;
        }

        @Override
        public boolean recover(Execution execution, WorkItem item, Problem problem) {
            throw new BackupException(ErrorCode.STORE_NOT_WRITABLE, "it deletes nothing", "Let it.");
        }

        @Override
        public boolean continueOnError(Execution execution) {
            return false;
        }

        @Override
        public SealOutcome seal(Execution execution) {
            sealed++;
            execution.cancellation().check();
            return SealOutcome.completed(false, Map.of("sealed", sealed));
        }
    }
}
