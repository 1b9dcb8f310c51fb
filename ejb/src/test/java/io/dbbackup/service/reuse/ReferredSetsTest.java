package io.dbbackup.service.reuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.RunState;
import io.dbbackup.model.manifest.Reused;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.service.backup.BackupHandler;
import io.dbbackup.service.imports.ImportReport;
import io.dbbackup.service.imports.ImportRequest;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.throwaway.PostgresInstance;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A set stays as long as another one refers to it, whatever ends when. */
class ReferredSetsTest {
    private static PostgresInstance server;

    private ReuseFixture reuse;

    @BeforeAll
    static void start() {
        server = PostgresInstance.builder().start();
    }

    @AfterAll
    static void end() {
        server.close();
    }

    @BeforeEach
    void fill() {
        reuse = new ReuseFixture(server);
    }

    @AfterEach
    void close() {
        reuse.close();
    }

    @Test
    void retention_and_remove_keep_what_is_referred_to_and_say_until_when() {
        BackupSetView first = reuse.backedUp();
        BackupSetView second = reuse.backedUp();
        BackupSetView third = reuse.backedUp();

        String report = reuse.kept(1).run().summary().orElseThrow();
        assertThat(report).contains("stores parts of " + third.id() + ", until that is deleted");
        assertThat(reuse.fixture.sets.find(second.id())).isEmpty();
        assertThat(reuse.fixture.sets.find(first.id())).get().extracting(BackupSetView::state)
                .isEqualTo(BackupSetView.State.SEALED);
        ReusedPartsTest.refused(ErrorCode.SET_IN_USE, () -> reuse.removed(first, "store"));
        reuse.restored(third, reuse.rows());

        // a full set comes; then the two go together, in the right order
        BackupSetView full = reuse.backedUp(Map.of("reuseParts", "false"));
        reuse.kept(1);
        assertThat(reuse.fixture.sets.ofSourceInStore("pg", "store")).extracting(BackupSetView::id).containsExactly(full.id());
        assertThat(reuse.fixture.storePath.resolve(first.prefix())).doesNotExist();
    }

    @Test
    void references_are_known_again_after_an_import_and_looked_for_before_it() {
        BackupSetView first = reuse.backedUp();
        BackupSetView second = reuse.backedUp();
        // the catalog is lost, and only the older set is known again
        for (BackupSetView set : List.of(first, second)) {
            reuse.fixture.sets.forget(set.id(), "store");
        }
        ImportRequest one = new ImportRequest("store", Optional.empty(), Optional.empty(), Optional.of(first.id()),
                Optional.empty(), false);
        assertThat(reuse.imports().run(one).imported()).isEqualTo(1);
        Ended refused = reuse.removed(first, "store");
        assertThat(refused.problem()).contains("SET_IN_USE", "stores parts of " + second.id(), "which the catalog does not know");

        ImportReport report = reuse.imports().run(ImportRequest.of("store"));
        assertThat(report.problems()).isEmpty();
        assertThat(reuse.fixture.sets.get(second.id()).reuses()).isEqualTo(second.reuses());
        assertThat(reuse.fixture.sets.referrers(first.id(), "store")).containsExactly(second.id());
        ReusedPartsTest.refused(ErrorCode.SET_IN_USE, () -> reuse.removed(first, "store"));
        reuse.done(reuse.removed(second, "store"));
        reuse.done(reuse.removed(first, "store"));
    }

    @Test
    void a_set_that_running_backups_may_refer_to_is_not_deleted() {
        BackupSetView first = reuse.backedUp();
        List<Ended> attempts = new ArrayList<>();
        AtomicBoolean once = new AtomicBoolean();
        reuse.watchStore((method, name) -> {
            if (method.equals("create") && !name.startsWith(first.prefix()) && once.compareAndSet(false, true)) {
                // another job, at the moment when the backup has chosen what to refer to
                attempts.add(otherJob(() -> reuse.removed(first, "store")));
                attempts.add(otherJob(() -> reuse.fixture.run(
                        reuse.retention, Map.of("source", "pg", "store", "store", "maxAge", "PT1S"))));
                attempts.add(otherJob(() -> reuse.fixture.run(reuse.backup, ReuseFixture.parameters(Map.of()))));
            }
        });
        BackupSetView second = reuse.backedUp();

        assertThat(attempts.get(0).problem()).contains("SET_IN_USE", "in use by backup run");
        assertThat(attempts.get(1).run().summary().orElseThrow()).contains("in use by backup run");
        BackupSetView meanwhile = reuse.fixture.sets.get(reuse.done(attempts.get(2)).run().set().orElseThrow());
        for (BackupSetView set : List.of(second, meanwhile)) {
            assertThat(set.reuses()).extracting(Reused::set).containsExactly(first.id());
            reuse.verified(set, "stored");
        }
        assertThat(reuse.fixture.sets.referrers(first.id(), "store")).containsExactlyInAnyOrder(second.id(), meanwhile.id());
        reuse.restored(second, reuse.rows());
    }

    private static Ended otherJob(Supplier<Ended> job) {
        return CompletableFuture.supplyAsync(job, task -> new Thread(task, "other job").start()).join();
    }

    @Test
    void a_set_whose_deletion_has_begun_is_not_referred_to() {
        BackupSetView first = reuse.backedUp();
        reuse.fixture.sets.expiring(first.id(), "store");

        BackupSetView second = reuse.backedUp();

        assertThat(second.reuses()).isEmpty();
        reuse.kept(1);
        assertThat(reuse.fixture.sets.find(first.id())).isEmpty();
    }

    @Test
    void a_killed_run_refers_to_nothing_that_is_deleted_before_it_goes_on() {
        BackupSetView first = reuse.backedUp();
        reuse.later();
        reuse.watchStore((method, name) -> {
            // everything is read, and the database's manifest is written
            if (method.equals("create") && name.endsWith("/manifest.json")) {
                throw new ReuseFixture.Killed();
            }
        });
        UUID run = reuse.fixture.create(reuse.backup, ReuseFixture.parameters(Map.of()));
        assertThatThrownBy(() -> reuse.fixture.execute(reuse.backup, run)).isInstanceOf(ReuseFixture.Killed.class);
        assertThat(reuse.fixture.runs.get(run).state()).isEqualTo(RunState.INTERRUPTED);
        reuse.fixture.wrapStore(store -> store);
        reuse.done(reuse.removed(first, "store"));

        Ended ended = reuse.done(reuse.fixture.execute(reuse.backup, run));

        BackupSetView set = reuse.fixture.sets.get(ended.run().set().orElseThrow());
        assertThat(set.reuses()).isEmpty();
        assertThat(reuse.fixture.storePath.resolve(first.prefix())).doesNotExist();
        reuse.restored(set, reuse.rows());
    }

    @Test
    void a_killed_run_goes_on_with_its_references_when_they_are_still_there() {
        BackupSetView first = reuse.backedUp();
        reuse.later();
        List<String> seen = new ArrayList<>();
        reuse.watchStore((method, name) -> {
            // in the middle of the parts: the bundle is stored before it is known to be the same
            if (method.equals("create") && name.contains("/bundle-") && !name.startsWith(first.prefix())) {
                seen.add(name);
                throw new ReuseFixture.Killed();
            }
        });
        UUID run = reuse.fixture.create(reuse.backup, ReuseFixture.parameters(Map.of()));
        assertThatThrownBy(() -> reuse.fixture.execute(reuse.backup, run)).isInstanceOf(ReuseFixture.Killed.class);
        assertThat(seen).hasSize(1);
        reuse.fixture.wrapStore(store -> store);

        Ended ended = reuse.done(reuse.fixture.execute(reuse.backup, run));

        BackupSetView set = reuse.fixture.sets.get(ended.run().set().orElseThrow());
        assertThat(set.reuses()).extracting(Reused::set).containsExactly(first.id());
        reuse.restored(set, reuse.rows());
    }

    @Test
    void a_run_that_is_killed_when_its_set_is_published_still_protects_what_it_refers_to() {
        BackupSetView first = reuse.backedUp();
        reuse.later();
        BackupHandler backup = reuse.backup(new DyingSets());
        UUID run = reuse.fixture.create(backup, ReuseFixture.parameters(Map.of()));
        assertThatThrownBy(() -> reuse.fixture.execute(backup, run)).isInstanceOf(ReuseFixture.Killed.class);
        String set = reuse.fixture.runs.get(run).set().orElseThrow();
        assertThat(reuse.fixture.sets.find(set)).isEmpty();

        assertThat(reuse.removed(first, "store").problem()).contains("SET_IN_USE", "stores parts of " + set);

        reuse.done(reuse.fixture.execute(reuse.backup, run));
        assertThat(reuse.fixture.sets.referrers(first.id(), "store")).containsExactly(set);
    }

    /** Ends the server just before a set enters the catalog. */
    private final class DyingSets extends BackupSets {
        @Override
        public void enter(SetHeader manifest, String store, Optional<String> policy, String manifestSha256) {
            throw new ReuseFixture.Killed();
        }

        @Override
        public List<BackupSetView> list(Optional<String> source, Optional<String> store, Optional<String> before, int limit) {
            return reuse.fixture.sets.list(source, store, before, limit);
        }

        @Override
        public Optional<BackupSetView> find(String id, String store) {
            return reuse.fixture.sets.find(id, store);
        }
    }
}
