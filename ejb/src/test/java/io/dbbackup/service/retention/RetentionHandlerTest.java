package io.dbbackup.service.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.RunDraft;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SetId;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.model.VerifyLevel;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.service.set.ManifestFile;
import io.dbbackup.service.set.SampleSet;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.ItemDraft;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Retention on a real file store and the real catalog. */
class RetentionHandlerTest {
    private static final Map<String, String> LAST_2 =
            Map.of("source", SampleSet.SOURCE, "store", "store", "last", "2");

    private final RunFixture fixture = new RunFixture();
    private final BlobStore store = fixture.store();
    private final Instant now = fixture.clock.instant();
    private final SetUsers users = new SetUsers(fixture.runs, fixture.clock);
    private final Leftovers leftovers = new Leftovers(fixture.sets, fixture.runs, fixture.clock);
    private final RetentionHandler retention = new RetentionHandler(
            fixture.configuration,
            fixture.access,
            fixture.queue,
            fixture.runs,
            fixture.sets,
            new RetentionDecider(fixture.sets, fixture.runs, users, leftovers, fixture.queue, fixture.clock),
            new ExpireSet(fixture.sets, users, fixture.configuration),
            leftovers,
            fixture.clock);

    private final RemoveHandler remove = new RemoveHandler(
            fixture.access, fixture.queue, fixture.sets, new ExpireSet(fixture.sets, users, fixture.configuration));

    @BeforeEach
    void configure() {
        fixture.configuration.save(new SourceConfig(
                SampleSet.SOURCE, "test", "localhost", 1, "u", Optional.empty(), "d", Optional.empty(), Map.of()));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void deletes_what_no_rule_keeps_and_nothing_else() {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 2, 3);

        Ended ended = fixture.run(retention, LAST_2);

        assertThat(ended.run().state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(listed()).containsExactly(sets.get(0).id(), sets.get(1).id());
        assertThat(store.children(SampleSet.SOURCE + "/")).containsExactlyInAnyOrder(sets.get(0).id(), sets.get(1).id());
        RetentionReport report = (RetentionReport) ended.outcome().summary();
        assertThat(report.keep()).extracting(d -> d.rules().toString()).containsExactly("[last 2]", "[last 2]");
        assertThat(report.expire())
                .extracting(d -> d.set() + " " + d.rules() + " " + d.outcome())
                .containsExactly(
                        sets.get(2).id() + " [beyond last 2] deleted", sets.get(3).id() + " [beyond last 2] deleted");
        // the manifest is no part of a set's stored bytes
        assertThat(report.bytesFreed()).isGreaterThan(sets.get(2).storedBytes() + sets.get(3).storedBytes());
    }

    @Test
    void sets_are_found_by_the_names_of_what_was_given_by_its_ids() {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 2);

        fixture.run(retention, Map.of(
                "source", fixture.catalog.idOf("source", SampleSet.SOURCE), "store", fixture.catalog.idOf("store", "store"), "last", "2"));

        assertThat(listed()).containsExactly(sets.get(0).id(), sets.get(1).id());
    }

    @Test
    void sets_that_were_made_of_sets_count_with_their_originals_and_go_with_them() {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 2);
        List<String> stay = new ArrayList<>(List.of(sets.get(0).id(), sets.get(1).id()));
        for (BackupSetView set : sets) {
            BackupSetView secret = madeOf(set);
            BackupSetView anew = madeOf(secret);
            if (set == sets.get(1)) {
                // a set between two others is gone, and with it what says that they are of one backup
                fixture.run(remove, Map.of("set", secret.id(), "confirm", secret.id()));
                stay.add(anew.id());
            } else if (set == sets.get(0)) {
                stay.addAll(List.of(secret.id(), anew.id()));
            }
        }

        Ended ended = fixture.run(retention, LAST_2);

        assertThat(ended.run().state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(listed()).containsExactlyInAnyOrderElementsOf(stay);
    }

    @Test
    void a_set_whose_verification_failed_pushes_out_none_that_may_be_restored() {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 2, 3, 4, 5);
        for (BackupSetView failed : sets.subList(0, 3)) {
            fixture.sets.verified(failed.id(), "store", VerifyLevel.CONTENT, false, now);
        }
        fixture.sets.verified(sets.get(3).id(), "store", VerifyLevel.CONTENT, true, now);

        fixture.run(retention, LAST_2);

        assertThat(listed()).containsExactly(
                sets.get(0).id(), sets.get(1).id(), sets.get(3).id(), sets.get(4).id());
    }

    private BackupSetView madeOf(BackupSetView set) {
        return SampleSet.takenAt(store, set.takenAt()).madeOf(set.id()).seal(fixture.sets);
    }

    @Test
    void a_dry_run_tells_the_same_and_deletes_nothing() {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 2);

        RetentionReport report = (RetentionReport)
                fixture.run(retention, with(LAST_2, "dryRun", "true")).outcome().summary();

        assertThat(report.expire()).extracting(RetentionReport.Decided::outcome).containsExactly("would be deleted");
        assertThat(report.bytesFreed()).isEqualTo(sets.get(2).storedBytes());
        assertThat(listed()).hasSize(3);
        assertThat(blobsOf(sets.get(2))).isNotEmpty();
    }

    @Test
    void killed_after_the_manifest_is_deleted_the_set_is_gone_and_a_restart_finishes() {
        BackupSetView old = sealedDaysAgo(0, 1, 5).get(2);
        killAtDeletion(2);
        UUID run = fixture.create(retention, LAST_2);

        assertThatThrownBy(() -> fixture.execute(retention, run)).isInstanceOf(Killed.class);

        assertThat(listed()).hasSize(2).doesNotContain(old.id());
        assertThat(store.stat(old.prefix() + "manifest.json")).isEmpty();
        assertThat(blobsOf(old)).isNotEmpty();
        assertThatThrownBy(() -> fixture.sets.get(old.id())).hasMessageContaining("has expired and is being deleted");

        fixture.wrapStore(s -> s);
        Ended ended = fixture.execute(retention, run);

        assertThat(ended.run().state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(blobsOf(old)).isEmpty();
        assertThat(fixture.sets.find(old.id())).isEmpty();
    }

    @Test
    void the_next_run_finishes_what_a_killed_one_began() {
        BackupSetView old = sealedDaysAgo(0, 1, 5).get(2);
        killAtDeletion(2);
        assertThatThrownBy(() -> fixture.run(retention, LAST_2)).isInstanceOf(Killed.class);

        fixture.wrapStore(s -> s);
        Ended ended = fixture.run(retention, LAST_2);

        assertThat(((RetentionReport) ended.outcome().summary()).expire())
                .extracting(d -> d.set() + d.rules() + d.outcome())
                .containsExactly(old.id() + "[its deletion was begun by an earlier run]deleted");
        assertThat(blobsOf(old)).isEmpty();
    }

    @Test
    void a_set_that_cannot_be_deleted_does_not_keep_the_others() {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 5, 6);
        String stuck = sets.get(2).prefix();
        onDeletion(name -> {
            if (name.startsWith(stuck)) {
                throw new BackupException(ErrorCode.STORE_NOT_WRITABLE, "the store is read-only", "Make it writable.");
            }
        });

        Ended ended = fixture.run(retention, LAST_2);

        assertThat(ended.run().state()).isEqualTo(RunState.FAILED);
        assertThat(ended.problem())
                .isEqualTo("STORE_NOT_WRITABLE: delete " + sets.get(2).id() + ": the store is read-only\n"
                        + "HINT: Make it writable. Then restart the run.");
        assertThat(blobsOf(sets.get(3))).isEmpty();
        fixture.wrapStore(s -> s);
        assertThat(fixture.execute(retention, ended.run().id()).run().state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(listed()).containsExactly(sets.get(0).id(), sets.get(1).id());
    }

    @Test
    void a_restart_warns_of_what_it_finds_itself_alone() {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 5, 6);
        fixture.sets.forget(sets.get(0).id(), "store");
        onDeletion(name -> {
            throw new BackupException(ErrorCode.STORE_NOT_WRITABLE, "the store is read-only", "Make it writable.");
        });
        Ended failed = fixture.run(retention, LAST_2);
        assertThat(failed.warnings()).singleElement().asString().contains(sets.get(0).id(), "does not know");
        fixture.wrapStore(s -> s);
        ManifestFile again = BlobSetReader.file(store, sets.get(0).prefix(), Optional.empty());
        fixture.sets.enter(again.header(), "store", Optional.empty(), again.sha256());

        Ended restarted = fixture.execute(retention, failed.run().id());

        assertThat(restarted.warnings()).isEmpty();
        assertThat(restarted.run().state()).as(restarted.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(listed()).containsExactly(sets.get(0).id(), sets.get(1).id());
    }

    @Test
    void a_restart_decides_anew_and_still_reports_what_was_deleted_before() {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 5, 6, 7);
        List<String> stuck = List.of(sets.get(2).prefix(), sets.get(3).prefix());
        onDeletion(name -> {
            if (stuck.stream().anyMatch(name::startsWith)) {
                throw new BackupException(ErrorCode.STORE_NOT_WRITABLE, "the store is read-only", "Make it writable.");
            }
        });
        Ended ended = fixture.run(retention, LAST_2);
        assertThat(ended.run().state()).isEqualTo(RunState.FAILED);
        // weeks later: the newest set is gone, so the third is now one of the last two
        fixture.wrapStore(s -> s);
        fixture.sets.forget(sets.get(0).id(), "store");

        Ended restarted = fixture.execute(retention, ended.run().id());

        // with a warning: the store still holds the set that the catalog has forgotten
        assertThat(restarted.run().state()).isEqualTo(RunState.SUCCEEDED_WITH_WARNINGS);
        assertThat(listed()).containsExactly(sets.get(1).id(), sets.get(2).id());
        assertThat(fixture.sets.get(sets.get(2).id()).state()).isEqualTo(BackupSetView.State.SEALED);
        RetentionReport report = (RetentionReport) restarted.outcome().summary();
        assertThat(report.expire()).extracting(d -> d.set() + " " + d.outcome()).containsExactlyInAnyOrder(
                sets.get(3).id() + " deleted", sets.get(4).id() + " deleted");
        assertThat(report.bytesFreed()).isGreaterThanOrEqualTo(sets.get(3).storedBytes() + sets.get(4).storedBytes());
    }

    @Test
    void a_set_that_came_into_use_since_the_decision_stays() {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 5, 6);
        // the first deletion is that of the third set's first blob, when the fourth is not begun
        onDeletion(once(name -> restoreOf(sets.get(name.startsWith(sets.get(2).prefix()) ? 3 : 2))));

        RetentionReport report = (RetentionReport) fixture.run(retention, LAST_2).outcome().summary();

        assertThat(report.expire()).extracting(RetentionReport.Decided::outcome).satisfiesExactlyInAnyOrder(
                outcome -> assertThat(outcome).isEqualTo("deleted"),
                outcome -> assertThat(outcome).startsWith("kept: in use by restore run "));
        assertThat(listed()).hasSize(3);
    }

    @Test
    void a_set_that_its_store_keeps_until_a_date_stays_usable_and_the_run_succeeds() {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 5, 6);
        onDeletion(name -> {
            if (name.startsWith(sets.get(2).prefix())) {
                throw new BackupException(
                        ErrorCode.BLOB_LOCKED, "deleting " + name + ": delete refused until 2031-05-01T12:00:00Z", "Wait.");
            }
        });

        Ended ended = fixture.run(retention, LAST_2);

        assertThat(ended.run().state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(((RetentionReport) ended.outcome().summary()).expire())
                .extracting(RetentionReport.Decided::outcome)
                .satisfiesExactlyInAnyOrder(
                        outcome -> assertThat(outcome).isEqualTo("deleted"),
                        outcome -> assertThat(outcome).startsWith("kept:").contains("delete refused until 2031-05-01T12"));
        assertThat(fixture.sets.get(sets.get(2).id()).state()).isEqualTo(BackupSetView.State.SEALED);
        assertThat(blobsOf(sets.get(2))).isNotEmpty();
        // after that date
        fixture.wrapStore(s -> s);
        fixture.run(retention, LAST_2);
        assertThat(listed()).containsExactly(sets.get(0).id(), sets.get(1).id());
    }

    @Test
    void retention_does_not_give_back_a_set_that_somebody_is_just_removing() {
        BackupSetView set = sealedDaysAgo(0, 1).get(1);
        // it has seen that nobody uses the set, and looks for sets that refer to it
        before("children", once(any -> assertThat(elsewhere(() -> {
            assertThat(fixture.run(retention, LAST_2).problem()).isEmpty();
            return stateOf(set);
        })).isEqualTo(BackupSetView.State.EXPIRING)));

        assertThat(fixture.run(remove, Map.of("set", set.id(), "confirm", set.id())).problem()).isEmpty();

        assertThat(blobsOf(set)).isEmpty();
    }

    @Test
    void a_removal_does_not_give_back_a_set_that_retention_is_just_deleting() {
        BackupSetView set = sealedDaysAgo(0, 1, 5).get(2);
        Consumer<String> removal = once(any -> assertThat(elsewhere(() -> {
            // which looks at the state of the set next
            restoreOf(set);
            assertThat(fixture.run(remove, Map.of("set", set.id(), "confirm", set.id())).problem()).contains("SET_IN_USE");
            return stateOf(set);
        })).isEqualTo(BackupSetView.State.EXPIRING));
        before("children", name -> {
            if (elsewhere(() -> stateOf(set)) == BackupSetView.State.EXPIRING) {
                removal.accept(name);
            }
        });

        assertThat(fixture.run(retention, LAST_2).problem()).isEmpty();

        assertThat(blobsOf(set)).isEmpty();
    }

    /** On another server, so to say: in transactions of its own. */
    private static <T> T elsewhere(Supplier<T> action) {
        return CompletableFuture.supplyAsync(action).join();
    }

    private BackupSetView.State stateOf(BackupSetView set) {
        return fixture.sets.find(set.id(), set.store()).orElseThrow().state();
    }

    @Test
    void a_set_in_use_is_kept_with_the_run_as_the_reason() {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 5);
        UUID restore = restoreOf(sets.get(2));

        RetentionReport report = (RetentionReport) fixture.run(retention, LAST_2).outcome().summary();

        assertThat(report.keep().get(2).rules()).containsExactly("in use by restore run " + restore + " (queued)");
        assertThat(listed()).hasSize(3);
    }

    @Test
    void a_restore_that_ended_half_way_keeps_its_set_until_it_is_given_up_and_one_that_began_nothing_does_not() {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 5, 6, 7);
        failed(restoreOf(sets.get(2)), false);
        UUID halfway = failed(restoreOf(sets.get(3)), true);
        UUID givenUp = failed(restoreOf(sets.get(4)), true);
        fixture.runs.discarded(givenUp);

        RetentionReport report = (RetentionReport) fixture.run(retention, LAST_2).outcome().summary();

        assertThat(listed()).containsExactly(sets.get(0).id(), sets.get(1).id(), sets.get(3).id());
        assertThat(report.keep().get(2).rules()).containsExactly("in use by restore run " + halfway + " (failed)");
    }

    private UUID failed(UUID run, boolean begun) {
        fixture.runs.begin(run, 1, 1, "test-node");
        fixture.queue.add(run, List.of(new ItemDraft("load", "load", "load", "", 0, 0, Map.of(), Set.of())));
        if (begun) {
            fixture.queue.fail(
                    fixture.queue.claim(run, 1, "test-node", true).orElseThrow(),
                    1,
                    new Problem(ErrorCode.STORE_IO, "the store is away", "Plug it in."),
                    false);
        }
        fixture.runs.end(run, RunState.FAILED, "FAILED");
        return run;
    }

    @Test
    void the_newest_verified_set_is_kept_however_old() {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 50, 60);
        fixture.sets.verified(sets.get(2).id(), "store", VerifyLevel.RESTORE, true, now);
        fixture.sets.verified(sets.get(3).id(), "store", VerifyLevel.RESTORE, true, now);

        fixture.run(retention, LAST_2);

        assertThat(listed()).containsExactly(sets.get(0).id(), sets.get(1).id(), sets.get(2).id());
    }

    @Test
    void refuses_when_the_clock_is_behind_the_newest_set() {
        BackupSetView set = sealedDaysAgo(0, 1, 5).get(0);
        fixture.clock.set(now.minus(Duration.ofDays(2)));

        Ended ended = fixture.run(retention, LAST_2);

        assertThat(ended.problem())
                .isEqualTo("CLOCK_MOVED_BACK: backup set " + set.id() + " was sealed at 2026-11-20T23:32:00Z, but it is"
                        + " only 2026-11-18T23:32:00Z by this server's clock\n"
                        + "HINT: Set the server's clock right, then restart the run; nothing was deleted.");
        assertThat(listed()).hasSize(3);
    }

    @Test
    void leftovers_of_an_unfinished_backup_stay_as_long_as_it_may_be_restarted() throws IOException {
        SampleSet unfinished = SampleSet.takenAt(store, now);
        UUID backup = failedBackup(unfinished.id());
        String prefix = unfinished.writeUnsealed();
        SampleSet.writtenAt(fixture.storePath, now);

        Ended early = fixture.run(retention, LAST_2);
        assertThat(((RetentionReport) early.outcome().summary()).leftovers())
                .containsExactly(new RetentionReport.Leftover(
                        prefix, "kept until 2026-11-27T23:32:00Z for a restart of its backup run"));
        assertThat(blobsBelow(prefix)).isNotEmpty();

        fixture.clock.set(now.plus(Duration.ofDays(7)));
        fixture.run(retention, LAST_2);

        assertThat(blobsBelow(prefix)).isEmpty();
        assertThat(fixture.runs.get(backup).set()).as("a restart makes a new set").isEmpty();
    }

    /** One object that is held by hand, or outlives the others' lock. */
    @Test
    void leftovers_that_the_store_keeps_until_a_date_do_not_keep_the_others() throws IOException {
        String prefix = SampleSet.takenAt(store, now.minus(Duration.ofDays(400))).writeUnsealed();
        SampleSet.writtenAt(fixture.storePath, now.minus(Duration.ofDays(8)));
        String held = blobsBelow(prefix).get(0);
        onDeletion(name -> {
            if (name.equals(held)) {
                throw new BackupException(
                        ErrorCode.BLOB_LOCKED, "deleting " + name + ": delete refused until 2031-05-01T12:00:00Z", "Wait.");
            }
        });

        Ended ended = fixture.run(retention, LAST_2);

        assertThat(ended.run().state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(blobsBelow(prefix)).containsExactly(held);
        assertThat(((RetentionReport) ended.outcome().summary()).leftovers()).containsExactly(new RetentionReport.Leftover(
                prefix, "kept: a blob stays, deleting " + held + ": delete refused until 2031-05-01T12:00:00Z"));
        // after that date
        fixture.wrapStore(s -> s);
        fixture.run(retention, LAST_2);
        assertThat(blobsBelow(prefix)).isEmpty();
    }

    @Test
    void blobs_that_another_catalog_has_just_written_stay_however_old_their_data_is() throws IOException {
        String prefix = SampleSet.takenAt(store, now.minus(Duration.ofDays(400))).writeUnsealed();
        SampleSet.writtenAt(fixture.storePath, now.minus(Duration.ofDays(8)));
        Path youngest = fixture.storePath.resolve(prefix).resolve("shop/data/orders-1.copy.zst");
        Files.setLastModifiedTime(youngest, FileTime.from(now.minus(Duration.ofDays(6))));

        fixture.run(retention, LAST_2);

        assertThat(blobsBelow(prefix)).hasSizeGreaterThan(10);
        fixture.clock.set(now.plus(Duration.ofDays(1)));
        fixture.run(retention, LAST_2);
        assertThat(blobsBelow(prefix)).isEmpty();
    }

    @Test
    void leftovers_that_turn_into_a_set_while_they_are_deleted_keep_their_manifest() throws IOException {
        String prefix = SampleSet.takenAt(store, now.minus(Duration.ofDays(400))).writeUnsealed();
        SampleSet.writtenAt(fixture.storePath, now.minus(Duration.ofDays(8)));
        Path manifest = fixture.storePath.resolve(prefix).resolve("manifest.json");
        onDeletion(once(name -> {
            try {
                Files.writeString(manifest, "{}");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }));

        fixture.run(retention, LAST_2);

        assertThat(manifest).exists();
        assertThat(blobsBelow(prefix)).hasSizeGreaterThan(1);
    }

    @Test
    void blobs_of_an_active_backup_are_no_leftovers() {
        SampleSet growing = SampleSet.takenAt(store, now);
        UUID backup = backup(growing.id());
        String prefix = growing.writeUnsealed();
        fixture.clock.set(now.plus(Duration.ofDays(30)));

        fixture.run(retention, LAST_2);

        assertThat(blobsBelow(prefix)).isNotEmpty();
        assertThat(fixture.runs.get(backup).set()).isPresent();
    }

    @Test
    void a_sealed_set_that_the_catalog_does_not_know_is_reported_and_stays() {
        BackupSetView set = sealedDaysAgo(400).get(0);
        fixture.sets.forget(set.id(), "store");

        Ended ended = fixture.run(retention, LAST_2);

        assertThat(ended.run().state()).isEqualTo(RunState.SUCCEEDED_WITH_WARNINGS);
        assertThat(ended.warnings())
                .containsExactly(set.prefix() + " in store store is a sealed set that the catalog does not know;"
                        + " retention does not touch it");
        assertThat(blobsOf(set)).isNotEmpty();
    }

    @Test
    void what_a_second_name_of_the_same_place_makes_look_like_two_copies_is_not_deleted() {
        BackupSetView old = sealedDaysAgo(0, 1, 5).get(2);
        fixture.configuration.save(
                new StoreConfig("alias", "file", Map.of("path", fixture.storePath.toString() + "/")));
        fixture.sets.enter(header(old), "alias", Optional.empty(), old.manifestSha256());

        Ended ended = fixture.run(retention, LAST_2);

        assertThat(((RetentionReport) ended.outcome().summary()).expire())
                .extracting(RetentionReport.Decided::outcome)
                .containsExactly("kept: store \"alias\" is the same place as \"store\", and what is deleted in one is gone in"
                        + " the other");
        assertThat(blobsOf(old)).isNotEmpty();
        assertThatThrownBy(() -> fixture.create(
                        remove, Map.of("set", old.id(), "store", "alias", "confirm", old.id())))
                .hasMessageContaining("store \"store\" is the same place as \"alias\"");
    }

    private SetHeader header(BackupSetView set) {
        return BlobSetReader.file(store, set.prefix(), Optional.empty()).header();
    }

    @Test
    void a_policy_touches_only_its_own_sets() {
        BackupSetView others = sealedDaysAgo(9).get(0);
        BackupSetView mine = SampleSet.takenAt(store, now.minus(Duration.ofDays(8))).policy("nightly").seal(fixture.sets);
        SampleSet.takenAt(store, now).policy("nightly").seal(fixture.sets);
        fixture.configuration.save(new io.dbbackup.model.PolicyConfig(
                "nightly", SampleSet.SOURCE, "store", List.of(), List.of(), "zstd", 1, 1 << 28, 0, true, false,
                Optional.of(new io.dbbackup.model.RetentionPolicy(1, 0, 0, 0, 0, 1, Optional.empty()))));

        fixture.run(retention, Map.of("policy", "nightly"));

        assertThat(listed()).contains(others.id()).doesNotContain(mine.id());
    }

    @Test
    void parameters_are_checked_at_the_start() {
        assertThatThrownBy(() -> fixture.create(retention, Map.of("source", SampleSet.SOURCE, "store", "store")))
                .hasMessageStartingWith("INVALID_PARAMETER: no retention rule is given\n");
        assertThatThrownBy(() -> fixture.create(retention, with(LAST_2, "keep", "3")))
                .hasMessageStartingWith("INVALID_PARAMETER: unknown parameter keep\n");
        assertThatThrownBy(() -> fixture.create(retention, with(LAST_2, "maxAge", "soon")))
                .hasMessageStartingWith("INVALID_PARAMETER: maxAge is \"soon\"\n");
        assertThatThrownBy(() -> fixture.create(retention, with(LAST_2, "leftoverAge", "1h")))
                .hasMessageStartingWith("INVALID_PARAMETER: leftoverAge is 1h\nHINT: Give at least 1d.");
    }

    private List<BackupSetView> sealedDaysAgo(int... days) {
        List<BackupSetView> sets = new ArrayList<>();
        for (int ago : days) {
            sets.add(SampleSet.takenAt(store, now.minus(Duration.ofDays(ago))).seal(fixture.sets));
        }
        return sets;
    }

    private List<String> listed() {
        return fixture.sets.list(Optional.of(SampleSet.SOURCE), Optional.empty(), 100).stream()
                .map(BackupSetView::id)
                .toList();
    }

    private List<String> blobsOf(BackupSetView set) {
        return blobsBelow(set.prefix());
    }

    private List<String> blobsBelow(String prefix) {
        List<String> names = new ArrayList<>();
        store.list(prefix, blob -> names.add(blob.name()));
        return names;
    }

    private UUID restoreOf(BackupSetView set) {
        return draft(Operation.RESTORE, Optional.of(set.id()));
    }

    private UUID backup(SetId set) {
        UUID run = draft(Operation.BACKUP, Optional.of(set.value()));
        fixture.runs.begin(run, 1, 1, "test-node");
        return run;
    }

    private UUID failedBackup(SetId set) {
        UUID run = backup(set);
        fixture.runs.end(run, RunState.FAILED, "FAILED");
        return run;
    }

    private UUID draft(Operation operation, Optional<String> set) {
        return fixture.runs
                .create(
                        new RunDraft(
                                operation, "a run", Optional.empty(), Optional.empty(), Optional.empty(), set, Map.of()),
                        "tester", "test", Optional.empty(), "")
                .id();
    }

    private static Map<String, String> with(Map<String, String> map, String key, String value) {
        Map<String, String> more = new java.util.HashMap<>(map);
        more.put(key, value);
        return more;
    }

    private void killAtDeletion(int number) {
        int[] count = {0};
        onDeletion(name -> {
            if (++count[0] == number) {
                throw new Killed();
            }
        });
    }

    private static Consumer<String> once(Consumer<String> action) {
        boolean[] done = {false};
        return name -> {
            if (!done[0]) {
                done[0] = true;
                action.accept(name);
            }
        };
    }

    private void onDeletion(Consumer<String> action) {
        before("delete", action);
    }

    private void before(String operation, Consumer<String> action) {
        fixture.wrapStore(real -> (BlobStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals(operation)) {
                        action.accept((String) arguments[0]);
                    }
                    try {
                        return method.invoke(real, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private static final class Killed extends Error {}
}
