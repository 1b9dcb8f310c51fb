package io.dbbackup.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ItemState;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.WorkItem;
import java.time.Clock;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WorkQueueTest {
    private static final String OWNER = "node";

    private final CatalogFixture catalog = new CatalogFixture();
    private final Runs runs = catalog.bean(Runs.class, Clock.systemUTC());
    private final WorkQueue queue = catalog.bean(WorkQueue.class, Clock.systemUTC());
    private final UUID run = runs.create(
                    new RunDraft(
                            Operation.BACKUP, "a backup", Optional.empty(), Optional.empty(), Optional.empty(),
                            Optional.empty(), Map.of()),
                    "tester", "test", Optional.empty(), "")
            .id();
    private final int execution = runs.begin(run, 1, 1, OWNER).executions();

    @AfterEach
    void close() {
        catalog.close();
    }

    @Test
    void a_follow_up_waits_for_everything_it_needs_and_not_for_what_is_done() {
        queue.add(run, List.of(draft("open", "shop", 1), draft("other", "shop", 2)));
        WorkItem open = claim();

        queue.complete(open, execution, new ItemResult(0, 0, 0, Map.of(), List.of(
                draft("free", "shop", 3, "open"), draft("bound", "shop", 0, "open", "other"))));

        WorkItem other = claim();
        assertThat(other.key()).isEqualTo("other");
        assertThat(claim().key()).isEqualTo("free");
        assertThat(queue.claim(run, execution, OWNER, true)).isEmpty();
        queue.complete(other, execution, ItemResult.of(Map.of()));
        assertThat(claim().key()).isEqualTo("bound");
    }

    @Test
    void workers_that_lose_a_snapshot_at_the_same_time_do_not_block_each_other() throws Exception {
        queue.add(run, List.of(draft("open", "shop", 0)));
        WorkItem open = claim();
        queue.complete(open, execution, new ItemResult(0, 0, 0, Map.of(), List.of(
                draft("a", "part", "shop", 1), draft("b", "part", "shop", 2), draft("close", "close", "shop", 0, "a", "b"))));
        List<WorkItem> claimed = List.of(claim(), claim());
        CountDownLatch bothLooked = new CountDownLatch(2);

        List<CompletableFuture<Boolean>> workers = new ArrayList<>();
        for (WorkItem item : claimed) {
            workers.add(CompletableFuture.supplyAsync(() -> startAgain(item, bothLooked)));
        }

        assertThat(List.of(workers.get(0).get(60, TimeUnit.SECONDS), workers.get(1).get(60, TimeUnit.SECONDS)))
                .containsExactlyInAnyOrder(true, false);
        assertThat(queue.list(run, Optional.empty(), 0, 10))
                .extracting(ItemView::key, ItemView::state)
                .containsExactly(org.assertj.core.groups.Tuple.tuple("open", ItemState.PENDING));
    }

    private boolean startAgain(WorkItem item, CountDownLatch bothLooked) {
        boolean[] ours = new boolean[1];
        catalog.inTransaction(() -> {
            queue.lockDatabase(run, "shop");
            ours[0] = queue.ours(item, execution);
            bothLooked.countDown();
            try {
                // gives the other one the chance to hold its item too
                bothLooked.await(1, TimeUnit.SECONDS);
            } catch (InterruptedException e) {
                throw new IllegalStateException(e);
            }
            if (ours[0]) {
                queue.startDatabaseAgain(run, "shop", "item");
            }
        });
        return ours[0];
    }

    @Test
    void starting_a_database_again_leaves_the_counts_of_the_others_alone() {
        queue.add(run, List.of(draft("open", "open", "shop", 0), draft("p", "part", "crm", 1)));
        queue.add(run, List.of(draft("close", "close", "crm", 1, "p")));
        WorkItem part = List.of(claim(), claim()).get(1);
        catalog.inTransaction(() -> {
            queue.startDatabaseAgain(run, "shop", "open");
            CompletableFuture.runAsync(() -> queue.complete(part, execution, ItemResult.of(Map.of())))
                    .orTimeout(10, TimeUnit.SECONDS)
                    .join();
        });

        assertThat(List.of(claim().key(), claim().key())).containsExactlyInAnyOrder("open", "close");
    }

    @Test
    void what_is_given_back_is_done_again_and_an_outcome_of_the_lost_attempt_is_dropped() {
        queue.add(run, List.of(draft("a", "shop", 0)));
        WorkItem lost = claim();

        queue.giveBack(lost);
        WorkItem again = claim();
        queue.complete(lost, execution, ItemResult.of(Map.of()));

        assertThat(again.attempt()).isEqualTo(2);
        assertThat(queue.count(run, ItemState.RUNNING)).isEqualTo(1);
        queue.giveBack(lost);
        assertThat(queue.count(run, ItemState.RUNNING)).isEqualTo(1);
    }

    @Test
    void an_execution_that_another_one_has_followed_claims_and_records_nothing() {
        queue.add(run, List.of(draft("a", "shop", 0), draft("b", "shop", 1)));
        WorkItem a = claim();
        runs.end(run, RunState.INTERRUPTED, "NODE_LOST");
        int next = runs.begin(run, 1, 2, OWNER).executions();

        assertThat(queue.claim(run, execution, OWNER, true)).isEmpty();
        assertThat(queue.ours(a, execution)).isFalse();
        queue.complete(a, execution, ItemResult.of(Map.of()));
        queue.fail(a, execution, new Problem(ErrorCode.STORE_IO, "the store is away", "Plug it in."), false);

        assertThat(queue.list(run, Optional.empty(), 0, 10)).extracting(ItemView::state)
                .containsExactly(ItemState.RUNNING, ItemState.PENDING);
        assertThat(runs.heartbeat(run, execution)).isEqualTo(Runs.Beat.GIVE_UP);
        assertThat(runs.heartbeat(run, next)).isEqualTo(Runs.Beat.GO_ON);
        assertThat(queue.claim(run, next, OWNER, true)).isPresent();
    }

    @Test
    void a_heartbeat_stores_the_progress_of_what_runs() {
        queue.add(run, List.of(draft("a", "shop", 0), draft("b", "shop", 1)));
        WorkItem a = claim();
        WorkItem b = claim();

        queue.heartbeat(run, OWNER, Map.of(a.id(), 7L));
        queue.heartbeat(run, OWNER, Map.of(b.id(), 9L));
        queue.heartbeat(run, "another", Map.of(b.id(), 100L));

        assertThat(queue.list(run, Optional.empty(), 0, 10)).extracting(ItemView::plainBytes).containsExactly(7L, 9L);
    }

    private WorkItem claim() {
        return queue.claim(run, execution, OWNER, true).orElseThrow();
    }

    private static ItemDraft draft(String key, String database, int priority, String... needs) {
        return draft(key, "item", database, priority, needs);
    }

    private static ItemDraft draft(String key, String kind, String database, int priority, String... needs) {
        return new ItemDraft(key, kind, key, database, 0, priority, Map.of(), Set.of(needs));
    }
}
