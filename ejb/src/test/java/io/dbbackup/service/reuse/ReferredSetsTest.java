package io.dbbackup.service.reuse;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.crypto.TestKeys;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.RunState;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.model.manifest.Reused;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.service.backup.BackupHandler;
import io.dbbackup.service.imports.ImportReport;
import io.dbbackup.service.imports.ImportRequest;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.store.s3.S3Peer;
import io.dbbackup.throwaway.PostgresInstance;
import jakarta.persistence.EntityManager;
import jakarta.transaction.Transactional;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import java.util.stream.Stream;
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
    void a_lost_set_that_others_refer_to_is_forgotten_by_name_and_what_is_left_of_it_stays() throws IOException {
        BackupSetView first = reuse.backedUp();
        BackupSetView second = reuse.backedUp();
        Files.delete(reuse.fixture.storePath.resolve(first.prefix()).resolve("manifest.json"));
        List<String> left = reuse.dataOf(first);
        ReusedPartsTest.refused(ErrorCode.SET_IN_USE, () -> reuse.removed(first, "store"));

        Ended forgotten = reuse.forgotten(first);

        assertThat(forgotten.run().state()).as(forgotten.problem()).isEqualTo(RunState.SUCCEEDED_WITH_WARNINGS);
        assertThat(forgotten.warnings()).singleElement().asString().contains("stores parts of " + second.id(), "Verify");
        assertThat(forgotten.run().summary().orElseThrow()).contains("\"forgotten\":\"" + first.id(), "\"bytesFreed\":0");
        assertThat(reuse.fixture.sets.find(first.id())).isEmpty();
        assertThat(reuse.dataOf(first)).isEqualTo(left).isNotEmpty();
        reuse.verified(second, "stored");
        reuse.restored(second, reuse.rows());
        // retention leaves it as long as it is needed
        Map<String, String> lastOne = Map.of("source", "pg", "store", "store", "last", "1", "leftoverAge", "1d");
        reuse.fixture.clock.set(Instant.now().plus(Duration.ofDays(30)));
        reuse.done(reuse.fixture.run(reuse.retention, lastOne));
        assertThat(reuse.dataOf(first)).isEqualTo(left);
        reuse.verified(reuse.backedUp(Map.of("reuseParts", "false")), "stored");
        reuse.done(reuse.fixture.run(reuse.retention, lastOne));
        reuse.done(reuse.fixture.run(reuse.retention, lastOne));
        assertThat(reuse.fixture.storePath.resolve(first.prefix())).doesNotExist();
    }

    @Test
    void retention_that_a_lost_set_stops_which_others_refer_to_goes_on_when_it_is_forgotten() {
        BackupSetView first = reuse.backedUp();
        reuse.backedUp();
        BackupSetView third = reuse.backedUp();
        delete(reuse.fixture.storePath.resolve(first.prefix()));
        Map<String, String> lastOne = Map.of("source", "pg", "store", "store", "last", "1");
        Ended refused = reuse.fixture.run(reuse.retention, lastOne);
        assertThat(refused.problem()).contains(
                "BLOB_MISSING", "has lost 1 backup set that the rules keep, or sets that refer to them: " + first.id(), "--missing",
                "stays for the sets that refer to it");

        reuse.done(reuse.forgotten(first));

        reuse.done(reuse.fixture.execute(reuse.retention, refused.run().id()));
        assertThat(reuse.fixture.sets.ofSourceInStore("pg", "store")).extracting(BackupSetView::id).containsExactly(third.id());
    }

    private static void delete(Path directory) {
        try (Stream<Path> files = Files.walk(directory)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Test
    void references_are_known_again_after_an_import_and_looked_for_before_it() throws IOException {
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
        // nor is it deleted when nobody can tell
        Path manifest = reuse.fixture.storePath.resolve(second.prefix()).resolve("manifest.json");
        byte[] bytes = Files.readAllBytes(manifest);
        Files.writeString(manifest, "{");
        assertThat(reuse.removed(first, "store").problem()).contains("SET_IN_USE", "cannot read its manifest");
        Files.write(manifest, bytes);

        ImportReport report = reuse.imports().run(ImportRequest.of("store"));
        assertThat(report.problems()).isEmpty();
        assertThat(reuse.fixture.sets.get(second.id()).reuses()).isEqualTo(second.reuses());
        assertThat(reuse.fixture.sets.referrers(first.id(), "store")).containsExactly(second.id());
        // an older version imported it
        reuse.fixture.catalog.bean(OlderVersion.class).loseReferences(second.id());
        assertThat(reuse.fixture.sets.referrers(first.id(), "store")).isEmpty();
        assertThat(reuse.imports().run(ImportRequest.of("store")).problems()).isEmpty();
        assertThat(reuse.fixture.sets.get(second.id()).reuses()).isEqualTo(second.reuses());
        assertThat(reuse.fixture.sets.referrers(first.id(), "store")).containsExactly(second.id());
        ReusedPartsTest.refused(ErrorCode.SET_IN_USE, () -> reuse.removed(first, "store"));
        reuse.done(reuse.removed(second, "store"));
        reuse.done(reuse.removed(first, "store"));
    }

    @Test
    void in_an_object_store_too_parts_are_referred_to_and_their_sets_kept() throws IOException {
        Path secret = Files.writeString(reuse.fixture.storePath.resolveSibling("s3-secret"), S3Peer.SECRET_KEY);
        Map<String, String> settings = S3Peer.s3proxy().settings();
        settings.put("secretAccessKeySecret", "file:" + secret);
        reuse.fixture.configuration.save(new StoreConfig("bucket", "s3", settings));
        reuse.keyFile("office", TestKeys.keyFile(reuse.fixture.storePath.resolveSibling("office.key"), 1));
        Map<String, String> there = Map.of("store", "bucket", "encrypt", "office");
        BackupSetView first = reuse.backedUp(there);
        String before = reuse.rows();
        reuse.sql("UPDATE big SET n = 1 WHERE id = 12000");
        BackupSetView second = reuse.backedUp(there);
        assertThat(second.reuses()).extracting(Reused::set).containsExactly(first.id());
        assertThat(second.reusedBytes()).isGreaterThan(second.storedBytes() / 2);

        ReusedPartsTest.refused(ErrorCode.SET_IN_USE, () -> reuse.removed(first, "bucket"));
        List.of(first, second).forEach(set -> reuse.fixture.sets.forget(set.id(), "bucket"));
        assertThat(reuse.imports().run(ImportRequest.of("bucket")).problems()).isEmpty();
        assertThat(reuse.fixture.sets.referrers(first.id(), "bucket")).containsExactly(second.id());
        reuse.verified(second, "stored");
        reuse.verified(second, "content");
        reuse.restored(second, reuse.rows());
        reuse.restored(first, before);

        reuse.done(reuse.removed(second, "bucket"));
        reuse.done(reuse.removed(first, "bucket"));
        assertThat(reuse.fixture.sets.ofSourceInStore("pg", "bucket")).isEmpty();
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
        reuse.fixture.sets.expiring(first.id(), "store", true);

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

        // its restart deletes nothing that the published manifest names, whatever becomes of the other set meanwhile
        reuse.fixture.sets.expiring(first.id(), "store", true);
        reuse.done(reuse.fixture.execute(reuse.backup, run));
        reuse.fixture.sets.sealedAgain(first.id(), "store", UUID.randomUUID(), "");
        assertThat(reuse.fixture.sets.referrers(first.id(), "store")).containsExactly(set);
        BackupSetView published = reuse.fixture.sets.get(set);
        assertThat(published.reuses()).extracting(Reused::set).containsExactly(first.id());
        reuse.verified(published, "stored");
        reuse.verified(published, "content");
    }

    @Test
    void what_is_referred_to_stays_without_its_manifest_and_when_the_set_that_refers_to_it_was_begun_earlier()
            throws IOException {
        reuse.watchStore((method, name) -> {
            if (method.equals("create")) {
                throw new ReuseFixture.Killed();
            }
        });
        UUID run = reuse.fixture.create(reuse.backup, ReuseFixture.parameters(Map.of()));
        assertThatThrownBy(() -> reuse.fixture.execute(reuse.backup, run)).isInstanceOf(ReuseFixture.Killed.class);
        reuse.fixture.wrapStore(store -> store);
        BackupSetView younger = reuse.backedUp();
        reuse.done(reuse.fixture.execute(reuse.backup, run));
        BackupSetView set = reuse.fixture.sets.get(reuse.fixture.runs.get(run).set().orElseThrow());
        assertThat(set.id()).isLessThan(younger.id());
        assertThat(set.reuses()).extracting(Reused::set).containsExactly(younger.id());
        // its deletion was begun by somebody who did not look
        Files.delete(reuse.fixture.storePath.resolve(younger.prefix()).resolve("manifest.json"));
        reuse.fixture.sets.expiring(younger.id(), "store", true);
        assertThat(reuse.kept(1).run().summary().orElseThrow()).contains("kept: stores parts of " + set.id());
        reuse.verified(set, "stored");

        // so does what no catalog knows, for a set that no catalog knows
        reuse.fixture.sets.forget(younger.id(), "store");
        reuse.fixture.sets.forget(set.id(), "store");
        reuse.fixture.clock.set(Instant.now().plus(Duration.ofDays(30)));
        Ended kept = reuse.done(reuse.fixture.run(
                reuse.retention, Map.of("source", "pg", "store", "store", "last", "1", "leftoverAge", "1d")));
        assertThat(kept.warnings().toString())
                .contains(younger.prefix() + " in store store has lost its manifest, and stores parts of " + set.id());
        assertThat(reuse.dataOf(younger)).isNotEmpty();
        assertThat(reuse.imports().run(ImportRequest.of("store")).imported()).isEqualTo(1);
        reuse.verified(reuse.fixture.sets.get(set.id()), "stored");
    }

    @Test
    void a_set_is_not_left_as_one_that_is_being_deleted_when_its_store_cannot_be_asked_who_refers_to_it() {
        BackupSetView first = reuse.backedUp();
        BackupSetView second = reuse.backedUp();
        reuse.fixture.sets.forget(second.id(), "store");
        reuse.watchStore((method, name) -> {
            if (method.equals("open") && name.startsWith(second.prefix())) {
                throw new BackupException(ErrorCode.STORE_IO, "the store does not answer", "Try again.");
            }
        });

        assertThat(reuse.removed(first, "store").problem()).contains("STORE_IO");

        assertThat(reuse.fixture.sets.find(first.id(), "store")).get().extracting(BackupSetView::state)
                .isEqualTo(BackupSetView.State.SEALED);
    }

    @Test
    void a_set_is_withdrawn_when_another_catalog_deletes_what_it_refers_to_while_it_is_published() {
        BackupSetView first = reuse.backedUp();
        reuse.later();
        AtomicBoolean once = new AtomicBoolean();
        reuse.watchStore((method, name) -> {
            if (method.equals("create") && name.matches("pg/[^/]+/manifest.json") && once.compareAndSet(false, true)) {
                try {
                    Files.delete(reuse.fixture.storePath.resolve(first.prefix()).resolve("manifest.json"));
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            }
        });
        UUID run = reuse.fixture.create(reuse.backup, ReuseFixture.parameters(Map.of()));
        Ended failed = reuse.fixture.execute(reuse.backup, run);
        assertThat(failed.problem()).contains("BLOB_MISSING", first.id(), "was deleted while this one was published");
        String set = failed.run().set().orElseThrow();
        assertThat(reuse.fixture.sets.find(set)).isEmpty();
        assertThat(reuse.fixture.storePath.resolve("pg").resolve(set).resolve("manifest.json")).doesNotExist();

        // this catalog still believes in the other set; its restart looks
        reuse.done(reuse.fixture.execute(reuse.backup, run));
        assertThat(reuse.fixture.sets.get(set).reuses()).isEmpty();
        reuse.verified(reuse.fixture.sets.get(set), "stored");
    }

    /** What a version before references leaves in the catalog. */
    public static class OlderVersion {
        private EntityManager em;

        @Transactional
        public void loseReferences(String set) {
            em.createQuery("update BackupSetEntity s set s.reuses = null where s.id = :set")
                    .setParameter("set", set)
                    .executeUpdate();
            em.createQuery("delete from SetReferenceEntity r where r.setId = :set")
                    .setParameter("set", set)
                    .executeUpdate();
        }
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
        public List<BackupSetView> ofSourceInStore(String source, String store) {
            return reuse.fixture.sets.ofSourceInStore(source, store);
        }

        @Override
        public Optional<BackupSetView> find(String id, String store) {
            return reuse.fixture.sets.find(id, store);
        }
    }
}
