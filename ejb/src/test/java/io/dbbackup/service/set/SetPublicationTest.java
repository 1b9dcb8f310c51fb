package io.dbbackup.service.set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobOrigin;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.pipeline.Codecs;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.Cancellation;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.function.BiPredicate;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A set whose blobs somebody deletes while it is published, as the retention of another catalog may that took them for leftovers. */
class SetPublicationTest {
    private final RunFixture fixture = new RunFixture();
    private final BlobStore store = fixture.store();
    private BackupManifest manifest;
    private String prefix;

    @BeforeEach
    void write() {
        BackupSetView set = SampleSet.takenAt(store, fixture.clock.instant()).seal(fixture.sets);
        prefix = set.prefix();
        manifest = BlobSetReader.open(store, prefix).manifest();
        store.delete(prefix + "manifest.json");
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void a_blob_that_goes_while_the_others_are_looked_at_is_noticed_before_the_set_is_visible() {
        boolean[] visible = {false};
        refused(deleting((operation, name) -> {
            visible[0] |= operation.equals("create") && name.equals(prefix + "manifest.json");
            return operation.equals("open") && name.startsWith(prefix + "shop/manifest.json");
        }));
        assertThat(visible[0]).isFalse();
    }

    @Test
    void a_blob_that_goes_while_the_manifest_is_written_makes_no_set() {
        refused(deleting((operation, name) -> operation.equals("create") && name.equals(prefix + "manifest.json")));
    }

    @Test
    void what_is_whole_is_published() {
        assertThat(publication(store).publish(manifest).manifest()).isEqualTo(manifest);
        assertThat(store.stat(prefix + "manifest.json")).isPresent();
    }

    /** Of a worker that was killed between storing it and saying so. */
    @Test
    void a_blob_that_belongs_to_nothing_is_removed_or_left_where_the_store_keeps_it() {
        BlobSetWriter worker = new BlobSetWriter(store, prefix, Codecs.standard(), OptionalInt.empty(), new Cancellation());
        worker.writeClear("stray", new byte[1]);
        publication(LockedStore.of(store, ErrorCode.BLOB_LOCKED)).publish(manifest);
        assertThat(store.stat(prefix + "manifest.json")).isPresent();
        assertThat(store.stat(prefix + "stray")).isPresent();

        store.delete(prefix + "manifest.json");
        publication(store).publish(manifest);
        assertThat(store.stat(prefix + "stray")).isEmpty();
    }

    @Test
    void a_store_that_fails_to_delete_what_belongs_to_nothing_is_no_store_that_keeps_it() {
        new BlobSetWriter(store, prefix, Codecs.standard(), OptionalInt.empty(), new Cancellation()).writeClear("stray", new byte[1]);
        refused(LockedStore.of(store, ErrorCode.STORE_IO), manifest, ErrorCode.STORE_IO);
    }

    /** Readers look for a blob of another set below this set's prefix first. */
    @Test
    void a_locked_blob_in_the_place_of_one_that_another_set_stores_makes_no_set() {
        BackupSetView other = SampleSet.takenAt(store, fixture.clock.instant().minusSeconds(60)).seal(fixture.sets);
        BlobRef own = manifest.globals().orElseThrow();
        BlobRef there = new BlobRef(
                own.name(), own.storedBytes(), own.storedSha256(), own.plainBytes(), own.plainXxh128(), own.stages(),
                Optional.of(new BlobOrigin(other.id(), own.name())));
        BackupManifest referring = new BackupManifest(
                manifest.format(), manifest.version(), manifest.set(), manifest.source(), manifest.run(), manifest.product(),
                manifest.startedAt(), manifest.sealedAt(), manifest.zone(), manifest.server(), manifest.consistency(),
                manifest.complete(), Optional.of(there), manifest.databases(), manifest.missing(), manifest.derivedFrom(),
                manifest.selection(), manifest.someDatabases(), manifest.globalsMissing());
        refused(LockedStore.of(store, ErrorCode.BLOB_LOCKED), referring, ErrorCode.BLOB_LOCKED);
    }

    private void refused(BlobStore into, BackupManifest manifest, ErrorCode code) {
        assertThatThrownBy(() -> publication(into).publish(manifest))
                .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code()).isEqualTo(code));
        assertThat(store.stat(prefix + "manifest.json")).isEmpty();
    }

    private void refused(BlobStore deleting) {
        assertThatThrownBy(() -> publication(deleting).publish(manifest))
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.code()).isEqualTo(ErrorCode.BLOB_MISSING);
                    assertThat(e.problem().cause()).contains("crm/data/orders-1.copy.zst vanished");
                    assertThat(e.problem().remedy()).contains("another catalog", "start");
                });
        assertThat(store.stat(prefix + "manifest.json")).isEmpty();
    }

    private SetPublication publication(BlobStore into) {
        return new SetPublication(
                into, prefix, new BlobSetWriter(into, prefix, Codecs.standard(), OptionalInt.empty(), new Cancellation()),
                database -> List.of());
    }

    /** The store, from which a blob goes before such an operation on such a name. */
    private BlobStore deleting(BiPredicate<String, String> before) {
        return (BlobStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    if (arguments != null && before.test(method.getName(), (String) arguments[0])) {
                        store.delete(prefix + "crm/data/orders-1.copy.zst");
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
