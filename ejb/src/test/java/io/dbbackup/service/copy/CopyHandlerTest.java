package io.dbbackup.service.copy;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Hooks;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.RetentionPolicy;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.Selection;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.model.VerifyLevel;
import io.dbbackup.pipeline.Sha256Probe;
import io.dbbackup.service.retention.ExpireSet;
import io.dbbackup.service.retention.Leftovers;
import io.dbbackup.service.retention.RetentionDecider;
import io.dbbackup.service.retention.RetentionHandler;
import io.dbbackup.service.retention.SetUsers;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.service.set.LockedStore;
import io.dbbackup.service.set.SampleSet;
import io.dbbackup.service.verify.LinesVerification;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.store.s3.S3Peer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Copies of sets between real stores: all bytes, once, and visible only when they are complete. */
class CopyHandlerTest {
    private final RunFixture fixture = LinesVerification.fixture();
    private final Instant now = fixture.clock.instant();
    private final CopyHandler copy = CopyFixture.handler(fixture);
    private final SetUsers users = new SetUsers(fixture.runs, fixture.clock);
    private final Leftovers leftovers = new Leftovers(fixture.sets, fixture.runs, fixture.clock);
    private final RetentionHandler retention = new RetentionHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets,
            new RetentionDecider(fixture.sets, fixture.runs, users, leftovers, fixture.queue, fixture.clock),
            new ExpireSet(fixture.sets, users, fixture.configuration), leftovers, fixture.clock);
    private final Path offsite = fixture.storePath.resolveSibling("offsite");

    @BeforeEach
    void configure() {
        fixture.configuration.save(new StoreConfig("offsite", "file", Map.of("path", offsite.toString())));
        fixture.configuration.save(new SourceConfig(
                SampleSet.SOURCE, "test", "localhost", 1, "u", Optional.empty(), "d", Optional.empty(), Map.of()));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void a_copy_has_every_byte_is_verified_in_its_store_and_made_only_once() {
        BackupSetView set = SampleSet.takenAt(fixture.store(), now).policy("nightly").seal(fixture.sets);

        Ended first = fixture.run(copy, Map.of("set", "latest:" + SampleSet.SOURCE, "to", "offsite"));

        assertThat(first.run().state()).as(first.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(first.run().label()).isEqualTo("copy of " + SampleSet.SOURCE + " " + set.id() + " to offsite");
        assertThat(blobs("offsite", set)).isEqualTo(blobs("store", set)).hasSizeGreaterThan(10);
        CopySummary summary = (CopySummary) first.outcome().summary();
        assertThat(summary.alreadyThere()).isFalse();
        assertThat(summary.blobs()).isEqualTo(blobs("store", set).size());
        assertThat(summary.copiedBytes()).isEqualTo(summary.storedBytes()).isPositive();
        assertThat(fixture.sets.get(set.id(), Optional.of("offsite")).policy()).contains("nightly");

        Ended verified = fixture.run(
                LinesVerification.handler(fixture), Map.of("set", set.id(), "store", "offsite", "level", "content"));
        assertThat(verified.run().state()).as(verified.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(fixture.sets.copies(set.id())).extracting(BackupSetView::store, BackupSetView::verifiedOk)
                .containsExactly(
                        org.assertj.core.groups.Tuple.tuple("store", Optional.empty()),
                        org.assertj.core.groups.Tuple.tuple("offsite", Optional.of(true)));

        Ended again = fixture.run(copy, Map.of("set", set.id(), "to", "offsite"));
        assertThat(again.run().state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(((CopySummary) again.outcome().summary()).alreadyThere()).isTrue();
    }

    @Test
    void a_copy_in_a_bucket_comes_back_byte_for_byte() throws IOException {
        BackupSetView set = SampleSet.takenAt(fixture.store(), now).seal(fixture.sets);
        Map<String, Blob> original = blobs("store", set);
        bucket();

        assertThat(fixture.run(copy, Map.of("set", set.id(), "to", "bucket")).problem()).isEmpty();
        fixture.sets.verified(set.id(), "store", VerifyLevel.STORED, false, now);
        Ended back = fixture.run(copy, Map.of("set", set.id(), "to", "offsite"));

        assertThat(back.problem()).isEmpty();
        assertThat(back.run().parameters()).as("the healthy one").containsEntry("store", "bucket");
        assertThat(blobs("offsite", set)).isEqualTo(original);
        assertThat(fixture.sets.copies(set.id())).hasSize(3);
    }

    @Test
    void a_killed_copy_shows_nothing_and_goes_on_without_writing_a_blob_twice() {
        BackupSetView set = SampleSet.takenAt(fixture.store(), now).seal(fixture.sets);
        List<String> written = new ArrayList<>();
        killAtUpload(written, 5);
        UUID run = fixture.create(copy, Map.of("set", set.id(), "to", "offsite"));
        assertThatThrownBy(() -> fixture.execute(copy, run)).isInstanceOf(Killed.class);
        assertThat(offsite.resolve(set.prefix() + "manifest.json")).doesNotExist();
        assertThat(fixture.sets.copies(set.id())).hasSize(1);

        killAtUpload(written, Integer.MAX_VALUE);
        fixture.queue.orphaned(run);
        Ended ended = fixture.execute(copy, run);

        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(blobs("offsite", set)).isEqualTo(blobs("store", set));
        assertThat(written).doesNotHaveDuplicates();
        assertThat(written.get(written.size() - 1)).endsWith("/manifest.json");
        assertThat(fixture.sets.copies(set.id())).hasSize(2);
    }

    @Test
    void what_belongs_to_nothing_keeps_no_copy_from_being_made_where_the_store_keeps_it() throws IOException {
        BackupSetView set = SampleSet.takenAt(fixture.store(), now).seal(fixture.sets);
        Path stray = offsite.resolve(set.prefix()).resolve("stray");
        Files.createDirectories(stray.getParent());
        Files.write(stray, new byte[1]);
        fixture.wrapStore(store -> LockedStore.of(store, ErrorCode.BLOB_LOCKED));

        Ended ended = fixture.run(copy, Map.of("set", set.id(), "to", "offsite"));

        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(blobs("offsite", set)).containsAllEntriesOf(blobs("store", set)).containsKey(set.prefix() + "stray");
    }

    @Test
    void a_damaged_blob_is_not_passed_on_and_the_copy_completes_when_it_is_mended() throws IOException {
        BackupSetView set = SampleSet.takenAt(fixture.store(), now).seal(fixture.sets);
        Path blob = fixture.storePath.resolve(set.prefix()).resolve("shop/data/orders-1.copy.zst");
        byte[] original = Files.readAllBytes(blob);
        byte[] damaged = original.clone();
        damaged[damaged.length / 2] ^= 1;
        Files.write(blob, damaged);

        Ended failed = fixture.run(copy, Map.of("set", set.id(), "to", "offsite"));
        assertThat(failed.run().problem().orElseThrow().code()).isEqualTo(ErrorCode.BLOB_DIGEST_MISMATCH);
        assertThat(failed.problem()).contains("store \"store\"");
        assertThat(offsite.resolve(set.prefix() + "manifest.json")).doesNotExist();

        Files.write(blob, original);
        Ended ended = fixture.execute(copy, failed.run().id());
        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(blobs("offsite", set)).isEqualTo(blobs("store", set));
    }

    @Test
    void a_damaged_copy_is_no_copy_and_is_mended_when_its_verification_has_failed() throws IOException {
        BackupSetView set = SampleSet.takenAt(fixture.store(), now).seal(fixture.sets);
        assertThat(fixture.run(copy, Map.of("set", set.id(), "to", "offsite")).problem()).isEmpty();
        Path blob = offsite.resolve(set.prefix()).resolve("shop/data/orders-1.copy.zst");
        byte[] damaged = Files.readAllBytes(blob);
        damaged[damaged.length / 2] ^= 1;
        Files.write(blob, damaged);

        Ended refused = fixture.run(copy, Map.of("set", set.id(), "to", "offsite"));
        assertThat(refused.run().problem().orElseThrow().code()).isEqualTo(ErrorCode.BLOB_DIGEST_MISMATCH);
        assertThat(refused.problem()).contains("store \"offsite\"", "mended by copying again");
        assertThat(Files.readAllBytes(blob)).as("nobody has verified it").isEqualTo(damaged);

        fixture.run(LinesVerification.handler(fixture), Map.of("set", set.id(), "store", "offsite", "level", "stored"));
        Ended mended = fixture.run(copy, Map.of("set", set.id(), "to", "offsite"));
        assertThat(mended.problem()).isEmpty();
        assertThat(((CopySummary) mended.outcome().summary()).alreadyThere()).isFalse();
        assertThat(mended.warnings()).singleElement().asString().contains("verify it again");
        assertThat(blobs("offsite", set)).isEqualTo(blobs("store", set));
        Ended restarted = fixture.execute(copy, refused.run().id());
        assertThat(restarted.problem()).isEmpty();
    }

    @Test
    void blobs_that_vanish_while_the_manifest_is_written_make_no_set() {
        BackupSetView set = SampleSet.takenAt(fixture.store(), now).seal(fixture.sets);
        Path vanishing = offsite.resolve(set.prefix()).resolve("shop/data/orders-1.copy.zst");
        atUpload(name -> {
            try {
                if (name.equals(set.prefix() + "manifest.json")) {
                    Files.delete(vanishing);
                }
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        });
        Ended failed = fixture.run(copy, Map.of("set", set.id(), "to", "offsite"));
        assertThat(failed.run().problem().orElseThrow().code()).isEqualTo(ErrorCode.BLOB_MISSING);
        assertThat(failed.problem()).contains("orders-1.copy.zst vanished from store \"offsite\"");
        assertThat(offsite.resolve(set.prefix() + "manifest.json")).doesNotExist();
        assertThat(stores(set)).containsExactly("store");

        fixture.wrapStore(store -> store);
        Ended restarted = fixture.execute(copy, failed.run().id());
        assertThat(restarted.problem()).isEmpty();
        assertThat(blobs("offsite", set)).isEqualTo(blobs("store", set));
    }

    @Test
    void another_set_of_that_name_is_a_conflict_and_two_names_of_one_place_are_refused() throws IOException {
        BackupSetView set = SampleSet.takenAt(fixture.store(), now).seal(fixture.sets);
        String line = Files.readString(fixture.storePath.resolve(set.prefix() + "manifest.json")).lines().findFirst()
                .orElseThrow().replace("Test 15.1", "Test 15.2") + "\n";
        Path other = offsite.resolve(set.prefix() + "manifest.json");
        Files.createDirectories(other.getParent());
        Files.writeString(other, line + "{\"sha256\":\"" + Sha256Probe.of(line.getBytes(StandardCharsets.UTF_8)) + "\"}\n");

        Ended ended = fixture.run(copy, Map.of("set", set.id(), "to", "offsite"));
        assertThat(ended.run().problem().orElseThrow().code()).isEqualTo(ErrorCode.SET_CONFLICT);
        assertThat(Files.readString(other)).contains("Test 15.2");

        Path link = Files.createSymbolicLink(fixture.storePath.resolveSibling("link"), fixture.storePath);
        fixture.configuration.save(new StoreConfig("alias", "file", Map.of("path", link + "/")));
        assertThatThrownBy(() -> fixture.create(copy, Map.of("set", set.id(), "to", "alias")))
                .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code())
                        .isEqualTo(ErrorCode.INVALID_PARAMETER));
    }

    @Test
    void each_store_has_its_own_retention() {
        RetentionPolicy one = new RetentionPolicy(1, 0, 0, 0, 0, 1, Optional.empty());
        RetentionPolicy two = new RetentionPolicy(2, 0, 0, 0, 0, 1, Optional.empty());
        fixture.configuration.save(new PolicyConfig(
                "nightly", SampleSet.SOURCE, "store", List.of(), List.of(), "zstd", 1, 1 << 28, 0, true, false,
                Optional.of(one), List.of(), List.of("offsite"), Map.of("offsite", two), Selection.WHOLE, Hooks.NONE));
        List<BackupSetView> sets = new ArrayList<>();
        for (int ago = 3; ago > 0; ago--) {
            BackupSetView set = SampleSet.takenAt(fixture.store(), now.minus(Duration.ofDays(ago)))
                    .policy("nightly")
                    .seal(fixture.sets);
            assertThat(fixture.run(copy, Map.of("set", set.id(), "to", "offsite")).problem()).isEmpty();
            sets.add(set);
        }

        assertThat(fixture.run(retention, Map.of("policy", "nightly")).problem()).isEmpty();
        assertThat(stores(sets.get(0))).containsExactly("offsite");
        assertThat(stores(sets.get(1))).containsExactly("offsite");
        assertThat(stores(sets.get(2))).containsExactly("store", "offsite");
        assertThat(blobs("store", sets.get(1))).isEmpty();
        assertThat(blobs("offsite", sets.get(0))).hasSizeGreaterThan(10);

        assertThat(fixture.run(retention, Map.of("policy", "nightly", "store", "offsite")).problem()).isEmpty();
        assertThat(stores(sets.get(0))).isEmpty();
        assertThat(blobs("offsite", sets.get(0))).isEmpty();
        assertThat(stores(sets.get(1))).containsExactly("offsite");
        Ended verified = fixture.run(
                LinesVerification.handler(fixture), Map.of("set", sets.get(1).id(), "level", "content"));
        assertThat(verified.run().state()).as(verified.problem()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void what_a_killed_copy_left_is_kept_for_its_restart_and_then_removed_and_the_set_stays() throws IOException {
        BackupSetView set = SampleSet.takenAt(fixture.store(), now).seal(fixture.sets);
        killAtUpload(new ArrayList<>(), 5);
        UUID run = fixture.create(copy, Map.of("set", set.id(), "to", "offsite"));
        assertThatThrownBy(() -> fixture.execute(copy, run)).isInstanceOf(Killed.class);
        killAtUpload(new ArrayList<>(), Integer.MAX_VALUE);
        SampleSet.writtenAt(offsite, now);
        Map<String, String> expire = Map.of("source", SampleSet.SOURCE, "store", "offsite", "last", "1");

        fixture.run(retention, expire);
        assertThat(blobs("offsite", set)).isNotEmpty();
        fixture.clock.set(now.plus(Duration.ofDays(8)));
        fixture.run(retention, expire);
        assertThat(blobs("offsite", set)).isEmpty();
        assertThat(stores(set)).containsExactly("store");

        fixture.queue.orphaned(run);
        Ended restarted = fixture.execute(copy, run);
        assertThat(restarted.run().state()).as(restarted.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(blobs("offsite", set)).isEqualTo(blobs("store", set));
    }

    private List<String> stores(BackupSetView set) {
        return fixture.sets.copies(set.id()).stream().map(BackupSetView::store).toList();
    }

    private void bucket() throws IOException {
        Map<String, String> settings = S3Peer.s3proxy().settings();
        Path secret = Files.writeString(fixture.storePath.resolveSibling("s3-secret"), S3Peer.SECRET_KEY);
        settings.put("secretAccessKeySecret", new SecretRef(SecretRef.Kind.FILE, secret.toString()).toString());
        fixture.configuration.save(new StoreConfig("bucket", "s3", settings));
    }

    /** Size and SHA-256. */
    private record Blob(long bytes, String sha256) {}

    private Map<String, Blob> blobs(String name, BackupSetView set) {
        Map<String, Blob> blobs = new TreeMap<>();
        try (BlobStore store = fixture.access.store(name)) {
            store.list(set.prefix(), blob -> {
                try (InputStream in = store.open(blob.name(), 0)) {
                    blobs.put(blob.name(), new Blob(blob.bytes(), Sha256Probe.of(in.readAllBytes())));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
        }
        return blobs;
    }

    /** The server dies when the upload with this number begins. */
    private void killAtUpload(List<String> written, int number) {
        atUpload(name -> {
            if (written.size() == number) {
                throw new Killed();
            }
            written.add(name);
        });
    }

    private void atUpload(Consumer<String> action) {
        fixture.wrapStore(store -> (BlobStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("create") && !((String) arguments[0]).contains("probe")) {
                        action.accept((String) arguments[0]);
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    /** A killed server. */
    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }
}
