package io.dbbackup.engine;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.WorkOrder.Job;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;

class WorkOrderTest {
    private final List<Job> jobs = new ArrayList<>();

    /** Adds the loads of a table; they are called name/0, name/1 … */
    private WorkOrderTest table(String name, long... costs) {
        for (int i = 0; i < costs.length; i++) {
            jobs.add(new Job(name + "/" + i, name, costs[i], Set.of("schema")));
        }
        return this;
    }

    private WorkOrderTest job(String name, long cost, String... needs) {
        jobs.add(new Job(name, "", cost, Set.of(needs)));
        return this;
    }

    @Test
    void each_worker_has_a_table_of_its_own_as_long_as_there_is_one() {
        table("a", 10, 10, 10).table("b", 10, 10).table("c", 10);
        assertThat(WorkOrder.of(jobs, 2)).containsExactly("a/0", "b/0", "a/1", "b/1", "a/2", "c/0");
    }

    @Test
    void a_table_that_is_left_alone_gets_all_workers() {
        table("big", 10, 10, 10, 10).table("small", 5);
        assertThat(WorkOrder.of(jobs, 2)).containsExactly("big/0", "small/0", "big/1", "big/2", "big/3");
    }

    @Test
    void a_table_that_is_long_to_index_comes_before_a_larger_one() {
        table("large", 15).table("indexed", 12).table("small", 2).job("index", 10, "indexed/0");
        assertThat(WorkOrder.of(jobs, 1)).containsExactly("indexed/0", "large/0", "index", "small/0");
    }

    @Test
    void a_free_worker_goes_on_with_the_table_that_still_has_most_to_do_while_another_one_builds_indexes() {
        table("wide", 10, 10, 10, 10).table("keyed", 10).table("short", 5)
                .job("constraint", 5, "keyed/0").job("index", 20, "keyed/0", "constraint");
        assertThat(WorkOrder.of(jobs, 2))
                .containsExactly("wide/0", "keyed/0", "wide/1", "constraint", "index", "wide/2", "wide/3", "short/0");
    }

    @Test
    void a_small_table_that_a_foreign_key_waits_for_comes_early() {
        table("big", 30).table("other", 20).table("small", 1).job("small key", 1, "small/0").job("big key", 5, "big/0")
                .job("foreign", 25, "small key", "big key");
        assertThat(WorkOrder.of(jobs, 2)).containsExactly("big/0", "small/0", "small key", "other/0", "big key", "foreign");
    }

    @Test
    void more_workers_than_work_and_a_single_worker_do_everything_once() {
        table("a", 3, 3, 3).table("b", 1).job("index", 1, "a/0", "a/1", "a/2");
        assertThat(WorkOrder.of(jobs, 8)).containsExactlyInAnyOrder("a/0", "a/1", "a/2", "b/0", "index");
        assertThat(WorkOrder.of(jobs, 1)).containsExactlyInAnyOrder("a/0", "a/1", "a/2", "b/0", "index");
    }

    @Test
    void ten_thousand_jobs_that_wait_for_one_another_are_ordered() {
        job("0", 1);
        for (int i = 1; i < 10_000; i++) {
            job(Integer.toString(i), 1, Integer.toString(i - 1));
        }
        assertThat(WorkOrder.of(jobs, 4)).hasSize(10_000).startsWith("0", "1").endsWith("9999");
    }
}
