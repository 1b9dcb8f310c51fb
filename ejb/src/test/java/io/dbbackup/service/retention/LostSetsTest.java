package io.dbbackup.service.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.VerifyLevel;
import io.dbbackup.service.restore.RunDiscard;
import io.dbbackup.service.run.Node;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.service.set.SampleSet;
import io.dbbackup.spi.BlobStore;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Retention and removal where the store does not have what the catalog knows, and sets that an end half-way must not hide. */
class LostSetsTest {
    private final RunFixture fixture = new RunFixture();
    private final BlobStore store = fixture.store();
    private final Instant now = fixture.clock.instant();
    private final SetUsers users = new SetUsers(fixture.runs, fixture.clock);
    private final ExpireSet expire = new ExpireSet(fixture.sets, users, fixture.configuration);
    private final Leftovers leftovers = new Leftovers(fixture.sets, fixture.runs, fixture.clock);
    private final RetentionHandler retention = new RetentionHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets,
            new RetentionDecider(fixture.sets, fixture.runs, users, leftovers, fixture.queue, fixture.clock),
            expire, leftovers, fixture.clock);
    private final RemoveHandler remove = new RemoveHandler(fixture.access, fixture.queue, fixture.sets, expire);
    private final RunDiscard discard = new RunDiscard(
            fixture.access, fixture.runs, fixture.queue,
            new HiddenSets(fixture.access, fixture.queue, fixture.sets), fixture.executions, new Node());

    @BeforeEach
    void configure() {
        fixture.configuration.save(new SourceConfig(
                SampleSet.SOURCE, "test", "localhost", 1, "u", Optional.empty(), "d", Optional.empty(), Map.of()));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "true", "Yes"})
    void sets_that_the_store_has_lost_cost_none_that_it_has(String dryRun) throws IOException {
        List<BackupSetView> sets = sealedDaysAgo(IntStream.range(0, 14).toArray());
        // the store was put back to what it was a week ago, and one backup was made since
        for (BackupSetView lost : sets.subList(1, 7)) {
            lose(lost);
        }

        Ended ended = fixture.run(retention, last(7, "dryRun", dryRun));

        assertThat(ended.run().state()).isEqualTo(RunState.FAILED);
        assertThat(ended.problem())
                .startsWith("BLOB_MISSING")
                .contains("store \"store\" has lost 6 backup sets that the rules keep: " + sets.get(1).id() + ", ")
                .contains("mounted", "nothing was deleted", "--missing", "restart the run");
        assertThat(inStore()).containsExactlyInAnyOrderElementsOf(
                ids(Stream.concat(sets.stream().limit(1), sets.stream().skip(7)).toList()));
        assertThat(listed()).hasSize(14);
        assertThat(fixture.runs.waiting(10)).as("nothing needs to be done about a dry run").hasSize(dryRun.equals("false") ? 1 : 0);
    }

    @Test
    void a_store_that_is_not_mounted_is_noticed_and_nothing_is_forgotten() throws IOException {
        sealedDaysAgo(0, 1, 5, 6);
        Path away = fixture.storePath.resolveSibling("away");
        Files.move(fixture.storePath, away);
        Files.createDirectory(fixture.storePath);

        Ended ended = fixture.run(retention, last(2));

        assertThat(ended.problem())
                .startsWith("BLOB_MISSING")
                .contains("store \"store\" has nothing of " + SampleSet.SOURCE + ", of which the catalog knows 2 backup sets");
        assertThat(listed()).hasSize(4);
        // mounted
        Files.delete(fixture.storePath);
        Files.move(away, fixture.storePath);
        Ended restarted = fixture.execute(retention, ended.run().id());
        assertThat(restarted.run().state()).as(restarted.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(listed()).hasSize(2).containsExactlyElementsOf(inStore().stream().sorted(Comparator.reverseOrder()).toList());
    }

    @Test
    void a_set_whose_manifest_alone_is_lost_does_not_stand_for_another_one() throws IOException {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 5, 6);
        Files.delete(manifest(sets.get(1)));

        Ended ended = fixture.run(retention, last(2));

        assertThat(ended.problem()).startsWith("BLOB_MISSING").contains("has lost 1 backup set ", sets.get(1).id());
        assertThat(inStore()).hasSize(4);
        fixture.run(remove, Map.of("set", sets.get(1).id(), "confirm", sets.get(1).id(), "missing", "true"));
        assertThat(fixture.execute(retention, ended.run().id()).run().state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(listed()).containsExactly(sets.get(0).id(), sets.get(2).id());
    }

    @ParameterizedTest
    @ValueSource(strings = {"false", "true"})
    void a_lost_set_that_no_rule_keeps_is_not_reported_as_deleted(String dryRun) throws IOException {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 5, 6, 7);
        lose(sets.get(2));
        Files.delete(manifest(sets.get(3)));
        String deleted = dryRun.equals("true") ? "would be deleted" : "deleted";

        Ended ended = fixture.run(retention, last(2, "dryRun", dryRun));

        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED_WITH_WARNINGS);
        assertThat(ended.warnings()).singleElement().asString().contains(
                "store \"store\" has lost 2 backup sets that no rule keeps", sets.get(2).id() + ", " + sets.get(3).id(),
                "remove " + sets.get(2).id() + " --store store --missing --confirm " + sets.get(2).id());
        RetentionReport report = (RetentionReport) ended.outcome().summary();
        assertThat(report.expire()).extracting(d -> d.set() + " " + d.outcome()).containsExactlyInAnyOrder(
                sets.get(2).id() + " is not in the store",
                sets.get(3).id() + " is not in the store",
                sets.get(4).id() + " " + deleted);
        if (dryRun.equals("true")) {
            assertThat(report.bytesFreed()).isEqualTo(sets.get(4).storedBytes());
        } else {
            assertThat(listed()).containsExactlyElementsOf(ids(sets.subList(0, 4)));
        }
    }

    @Test
    void the_store_is_asked_only_for_manifests_that_decide_about_a_deletion() {
        sealedDaysAgo(IntStream.range(0, 40).toArray());
        List<String> asked = new ArrayList<>();
        before("stat", asked::add);
        Map<String, String> byAge = Map.of("source", SampleSet.SOURCE, "store", "store", "maxAge", "40d", "dryRun", "true");

        fixture.run(retention, byAge);
        assertThat(asked).as("nothing to delete").isEmpty();
        fixture.clock.set(now.plus(Duration.ofHours(1)));
        RetentionReport report = (RetentionReport) fixture.run(retention, with(byAge, "maxAge", "39d")).outcome().summary();

        assertThat(report.expire()).hasSize(1);
        assertThat(asked).as("the newest, which minCount keeps, and the oldest").hasSize(2);
    }

    @Test
    void the_newest_verified_set_does_not_go_for_one_that_was_lost_since_the_decision() {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 50, 60, 70);
        fixture.sets.verified(sets.get(2).id(), "store", VerifyLevel.RESTORE, true, now);
        fixture.sets.verified(sets.get(4).id(), "store", VerifyLevel.RESTORE, true, now);
        before("delete", once(name -> {
            assertThat(name).as("the first to go").startsWith(sets.get(3).prefix());
            lose(sets.get(2));
        }));

        RetentionReport report = (RetentionReport) fixture.run(retention, last(2)).outcome().summary();

        assertThat(report.expire()).extracting(d -> d.set() + " " + d.outcome()).containsExactly(
                sets.get(3).id() + " deleted", sets.get(4).id() + " kept: newest verified set");
        assertThat(inStore()).contains(sets.get(4).id());
    }

    @Test
    void a_set_that_is_lost_after_the_decision_fails_and_stays_known() {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 5, 6);
        before("delete", once(name -> lose(sets.get(name.startsWith(sets.get(2).prefix()) ? 3 : 2))));

        Ended ended = fixture.run(retention, last(2));

        assertThat(ended.run().state()).isEqualTo(RunState.FAILED);
        assertThat(ended.problem()).startsWith("BLOB_MISSING").contains("its manifest is not there");
        assertThat(listed()).hasSize(3);
    }

    @Test
    void a_set_is_forgotten_only_by_who_says_that_it_is_missing_and_only_when_it_is() throws IOException {
        List<BackupSetView> sets = sealedDaysAgo(0, 1);
        String lost = sets.get(1).id();
        lose(sets.get(1));

        Ended refused = fixture.run(remove, Map.of("set", lost, "confirm", lost));

        assertThat(refused.problem())
                .startsWith("BLOB_MISSING")
                .contains("backup set " + lost + " of " + SampleSet.SOURCE + " is not in store \"store\"")
                .contains("dbbackup remove " + lost + " --store store --missing --confirm " + lost);
        assertThat(fixture.sets.get(lost).state()).isEqualTo(BackupSetView.State.SEALED);

        Ended forgotten = fixture.run(remove, Map.of("set", lost, "confirm", lost, "missing", "true"));
        assertThat(forgotten.run().state()).as(forgotten.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(forgotten.outcome().summary()).isEqualTo(new TreeMap<>(Map.of("forgotten", lost, "blobs", 0L, "bytesFreed", 0L)));
        assertThat(fixture.sets.find(lost)).isEmpty();

        String there = sets.get(0).id();
        Ended wrong = fixture.run(remove, Map.of("set", there, "confirm", there, "missing", "true"));
        assertThat(wrong.problem()).startsWith("INVALID_PARAMETER").contains("is in store \"store\", so it is not missing");
        assertThat(fixture.sets.get(there).state()).isEqualTo(BackupSetView.State.SEALED);
        assertThat(inStore()).containsExactly(there);
    }

    @Test
    void a_removal_that_is_stopped_before_anything_is_deleted_leaves_the_set_listed() {
        BackupSetView set = sealedDaysAgo(0, 1).get(1);
        UUID run = fixture.create(remove, Map.of("set", set.id(), "confirm", set.id()));
        // it has hidden the set, and looks for others that refer to it
        before("children", any -> fixture.executions.get(run).cancellation().cancel());

        fixture.execute(remove, run);

        assertThat(fixture.sets.get(set.id()).state()).isEqualTo(BackupSetView.State.SEALED);
        assertThat(listed()).hasSize(2);
        assertThat(Files.exists(manifest(set))).isTrue();
    }

    @Test
    void a_set_whose_deletion_the_store_refuses_stays_listed() {
        BackupSetView set = sealedDaysAgo(0, 1).get(1);
        before("delete", name -> {
            throw new BackupException(ErrorCode.STORE_NOT_WRITABLE, "the store is read-only", "Make it writable.");
        });

        Ended ended = fixture.run(remove, Map.of("set", set.id(), "confirm", set.id()));

        assertThat(ended.problem()).startsWith("STORE_NOT_WRITABLE");
        assertThat(listed()).contains(set.id());
    }

    @Test
    void a_set_whose_deletion_the_store_may_still_carry_out_is_not_listed_before_somebody_looks_again() {
        BackupSetView set = sealedDaysAgo(0, 1).get(1);
        before("delete", name -> {
            throw new BackupException(ErrorCode.STORE_UNREACHABLE, "the store does not answer", "Try again.");
        });

        Ended ended = fixture.run(remove, Map.of("set", set.id(), "confirm", set.id()));

        assertThat(ended.problem()).startsWith("STORE_UNREACHABLE");
        assertThat(Files.exists(manifest(set))).isTrue();
        assertThat(listed()).doesNotContain(set.id());
        fixture.wrapStore(s -> s);
        fixture.run(retention, last(2));
        assertThat(listed()).as("it was not carried out").contains(set.id());
    }

    @Test
    void giving_up_a_removal_that_was_killed_lists_the_set_again_unless_it_is_lost() {
        List<BackupSetView> sets = sealedDaysAgo(0, 1, 2);
        BackupSetView whole = sets.get(1);
        UUID first = killed(whole, 1);
        assertThatThrownBy(() -> fixture.sets.get(whole.id())).hasMessageContaining("is being deleted");
        UUID second = killed(sets.get(2), 2);

        assertThat(discard.discard(first).notes())
                .containsExactly("given up", "backup set " + whole.id() + " is listed again, since nothing of it was deleted yet");
        assertThat(discard.discard(second).notes().get(1))
                .startsWith("backup set " + sets.get(2).id() + " is lost, since its deletion was begun; the next retention of ");

        assertThat(listed()).containsExactly(sets.get(0).id(), whole.id());
        assertThat(fixture.runs.warnings(first)).anyMatch(note -> note.contains("is listed again"));
    }

    private UUID killed(BackupSetView set, int deletion) {
        UUID run = fixture.create(remove, Map.of("set", set.id(), "confirm", set.id()));
        int[] count = {0};
        before("delete", name -> {
            if (++count[0] == deletion) {
                throw new Killed();
            }
        });
        assertThatThrownBy(() -> fixture.execute(remove, run)).isInstanceOf(Killed.class);
        fixture.wrapStore(s -> s);
        return run;
    }

    private static Map<String, String> last(int count, String... more) {
        Map<String, String> parameters =
                Map.of("source", SampleSet.SOURCE, "store", "store", "last", Integer.toString(count));
        return more.length == 0 ? parameters : with(parameters, more[0], more[1]);
    }

    private static Map<String, String> with(Map<String, String> map, String key, String value) {
        Map<String, String> more = new TreeMap<>(map);
        more.put(key, value);
        return more;
    }

    private List<BackupSetView> sealedDaysAgo(int... days) {
        List<BackupSetView> sets = new ArrayList<>();
        for (int ago : days) {
            sets.add(SampleSet.takenAt(store, now.minus(Duration.ofDays(ago))).seal(fixture.sets));
        }
        return sets;
    }

    private static List<String> ids(Collection<BackupSetView> sets) {
        return sets.stream().map(BackupSetView::id).toList();
    }

    private List<String> listed() {
        return ids(fixture.sets.list(Optional.of(SampleSet.SOURCE), Optional.empty(), 100));
    }

    private List<String> inStore() {
        return store.children(SampleSet.SOURCE + "/");
    }

    private Path manifest(BackupSetView set) {
        return fixture.storePath.resolve(set.prefix()).resolve("manifest.json");
    }

    /** As somebody who does not ask us. */
    private void lose(BackupSetView set) {
        try (Stream<Path> files = Files.walk(fixture.storePath.resolve(set.prefix()))) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
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
