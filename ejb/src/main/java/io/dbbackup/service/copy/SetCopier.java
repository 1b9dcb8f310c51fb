package io.dbbackup.service.copy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.Configuration;
import io.dbbackup.catalog.ItemView;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.KeyDocument;
import io.dbbackup.model.manifest.StoredBlob;
import io.dbbackup.pipeline.Sha256Probe;
import io.dbbackup.service.access.Access;
import io.dbbackup.service.access.StorePlace;
import io.dbbackup.service.copy.BlobCopier.Place;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.service.set.LastLook;
import io.dbbackup.service.set.ManifestFile;
import io.dbbackup.service.set.Strays;
import io.dbbackup.spi.BlobInfo;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * Copies a sealed set to another store, byte for byte: work items for the blobs, and the manifest last, which is the
 * commit point there as it was in the first store. Needs no key of an encrypted set. Thread-safe.
 */
@ApplicationScoped
public class SetCopier {
    public static final String KIND = "copy.blobs";
    private static final int PAGE = 1000;
    private static final int LARGEST_KEY_DOCUMENT = 1 << 20;

    private Configuration configuration;
    private Access access;
    private BackupSets sets;
    private WorkQueue queue;

    protected SetCopier() {}

    @Inject
    public SetCopier(Configuration configuration, Access access, BackupSets sets, WorkQueue queue) {
        this.configuration = configuration;
        this.access = access;
        this.sets = sets;
        this.queue = queue;
    }

    /** @throws BackupException UNKNOWN_STORE; INVALID_PARAMETER when both names mean the same place */
    public void check(String from, String to) {
        boolean same = StorePlace.of(configuration.store(from)).equals(StorePlace.of(configuration.store(to)));
        if (same) {
            throw new BackupException(
                    ErrorCode.INVALID_PARAMETER,
                    "the stores \"" + from + "\" and \"" + to + "\" are the same place, so a copy would be none",
                    "Name a store at another place.");
        }
    }

    /**
     * Looks at both stores and adds items for all blobs: what the target has is read there. What an earlier execution of the
     * run has done stays done as long as the target still has it.
     *
     * @throws BackupException SET_CONFLICT when the target has another set of that name, STORE_FULL, SET_IN_USE,
     *     MANIFEST_INVALID, or of the stores
     */
    public void plan(Execution execution, BackupSetView set, String to) {
        check(set.store(), to);
        refuseExpiring(set, to);
        BlobStore target = open(execution, to);
        target.probe();
        ManifestFile file = BlobSetReader.file(
                open(execution, set.store()), set.prefix(), Optional.of(set.manifestSha256()));
        boolean sealed = sealed(target, set, to);
        Map<String, Long> there = list(target, set.prefix());
        Optional<Set<String>> done = done(execution, to);
        String keys = CopyTask.keys(to) + (done.isPresent() ? "again" + execution.view().executions() + "/" : "");
        CopyTask.Cutter cutter = new CopyTask.Cutter(keys, set.prefix(), set.store(), to, !sealed);
        long[] missing = new long[1];
        SetBlobs.each(open(execution, set.store()), set.prefix(), file, blob -> {
            execution.cancellation().check();
            boolean lacks = !there.containsKey(set.prefix() + blob.name());
            // planned before: only what was copied and is gone again, the rest has its items
            if (done.isEmpty() || lacks && done.get().contains(blob.name())) {
                cutter.add(blob);
                missing[0] += lacks ? blob.storedBytes() : 0;
            }
        });
        refuseFull(target, to, missing[0]);
        queue.add(execution.run(), cutter.items());
    }

    private void refuseExpiring(BackupSetView set, String to) {
        if (sets.find(set.id(), to).filter(copy -> copy.state() == BackupSetView.State.EXPIRING).isPresent()) {
            throw new BackupException(
                    ErrorCode.SET_IN_USE,
                    "retention is deleting the copy of " + set.id() + " in store \"" + to + "\"",
                    "Wait until retention has ended there, then restart the run.");
        }
    }

    private static void refuseFull(BlobStore target, String to, long missing) {
        long free = target.freeBytes().orElse(Long.MAX_VALUE);
        if (free < missing) {
            throw new BackupException(
                    ErrorCode.STORE_FULL,
                    "store \"" + to + "\" has " + free + " bytes free; the copy needs " + missing,
                    "Free space in the store, expire old backup sets, or use another store.");
        }
    }

    /** Whether the target has this set already; another one of its name is refused. */
    private static boolean sealed(BlobStore target, BackupSetView set, String to) {
        if (target.stat(set.prefix() + BackupManifest.BLOB_NAME).isEmpty()) {
            return false;
        }
        String found = BlobSetReader.file(target, set.prefix(), Optional.empty()).sha256();
        if (!found.equals(set.manifestSha256())) {
            throw new BackupException(
                    ErrorCode.SET_CONFLICT,
                    "store \"" + to + "\" has another set " + set.id() + ": the SHA-256 of its manifest is " + found
                            + " instead of " + set.manifestSha256(),
                    "Find out who wrote it; nothing of it was changed.");
        }
        return true;
    }

    /** Blobs that earlier executions have copied; empty when the copy was not planned yet. */
    private Optional<Set<String>> done(Execution execution, String to) {
        if (!planned(execution, to)) {
            return Optional.empty();
        }
        Set<String> done = new HashSet<>();
        queue.results(execution.run(), "", KIND, item -> {
            if (item.key().startsWith(CopyTask.keys(to))) {
                done.addAll(item.result(Copied.class).blobs());
            }
        });
        return Optional.of(done);
    }

    private boolean planned(Execution execution, String to) {
        long after = 0;
        for (List<ItemView> page = queue.list(execution.run(), Optional.empty(), after, PAGE);
                !page.isEmpty();
                page = queue.list(execution.run(), Optional.empty(), after, PAGE)) {
            if (page.stream().anyMatch(item -> item.key().startsWith(CopyTask.keys(to)))) {
                return true;
            }
            after = page.get(page.size() - 1).id();
        }
        return false;
    }

    /** Result of an item. */
    record Copied(List<String> blobs, long bytes) {}

    /** Bytes of some blobs, into the target of the item. */
    public ItemResult execute(Execution execution, WorkItem item, Progress progress) {
        CopyTask task = item.payload(CopyTask.class);
        BlobCopier copier = copier(execution, task.from(), task.to(), task.prefix(), progress);
        long written = 0;
        long bytes = 0;
        // asked now, so that a restart mends what was verified since the plan
        boolean replace = task.replace() || damaged(task.set(), task.to());
        for (StoredBlob blob : task.blobs()) {
            written += copier.copy(blob, replace);
            bytes += blob.storedBytes();
        }
        Copied copied = new Copied(task.blobs().stream().map(StoredBlob::name).toList(), written);
        return new ItemResult(bytes, written, 0, copied, List.of());
    }

    /** Whether a copy's latest verification has failed. */
    private boolean damaged(String set, String store) {
        return sets.find(set, store).flatMap(BackupSetView::verifiedOk).filter(passed -> !passed).isPresent();
    }

    /** What kept an item of a copy from being done, the first of them; empty when nothing did. */
    public Optional<Problem> failure(Execution execution, String to) {
        return queue.failures(execution.run(), PAGE).stream()
                .filter(item -> item.key().startsWith(CopyTask.keys(to)))
                .findFirst()
                .flatMap(item -> item.problem().map(problem -> new Problem(
                        problem.code(), item.label() + ": " + problem.cause(), problem.remedy())));
    }

    /**
     * Publishes the copy when everything is in the target, and enters it into the catalog. Idempotent.
     *
     * @param policy whose retention rules apply to the copy
     * @throws BackupException BLOB_MISSING, BLOB_SIZE_MISMATCH, SET_CONFLICT, or of the stores; nothing is visible then
     */
    public CopySummary publish(Execution execution, BackupSetView set, String to, Optional<String> policy) {
        execution.cancellation().check();
        BlobStore source = open(execution, set.store());
        BlobStore target = open(execution, to);
        ManifestFile file = BlobSetReader.file(source, set.prefix(), Optional.of(set.manifestSha256()));
        boolean sealed = sealed(target, set, to);
        BlobCopier copier = copier(execution, set.store(), to, set.prefix(), more -> {});
        long written = keys(source, target, copier, set.prefix(), sealed);
        Map<String, Long> left = list(target, set.prefix());
        Set<String> names = new HashSet<>();
        long[] bytes = new long[2];
        // by the target's own lists: it must be complete without the source
        SetBlobs.each(target, set.prefix(), file, blob -> {
            refuseMissing(set.prefix() + blob.name(), to, blob, left.remove(set.prefix() + blob.name()));
            names.add(set.prefix() + blob.name());
            bytes[0]++;
            bytes[1] += blob.storedBytes();
        });
        if (!sealed) {
            left.keySet().stream()
                    .filter(name -> !name.startsWith(set.prefix() + KeyDocument.DIRECTORY))
                    .forEach(name -> Strays.delete(target, name));
            execution.cancellation().check();
            LastLook look = new LastLook(
                    target, set.prefix(), names, "from store \"" + to + "\" while the copy was published", "restart the run.");
            look.refuseVanished();
            boolean ours = copier.copy(manifest(source, set), false) > 0;
            try {
                look.refuseVanished();
            } catch (BackupException e) {
                if (ours) {
                    look.withdraw(e);
                }
                throw e;
            }
        }
        sets.enterComplete(file.header(), to, policy, file.sha256());
        if (damaged(set.id(), to)) {
            execution.warn("the copy of " + set.id() + " in store \"" + to
                    + "\" has failed its latest verification; its blobs were read and are now as the manifest says, so verify it"
                    + " again");
        }
        long[] copied = {written};
        queue.results(execution.run(), "", KIND, item -> {
            if (item.key().startsWith(CopyTask.keys(to))) {
                copied[0] += item.result(Copied.class).bytes();
            }
        });
        return new CopySummary(
                set.id(), set.store(), to, sealed && copied[0] == 0, bytes[0] + 1, bytes[1], copied[0]);
    }

    private static StoredBlob manifest(BlobStore source, BackupSetView set) {
        long size = source.stat(set.prefix() + BackupManifest.BLOB_NAME).map(BlobInfo::bytes).orElse(0L);
        return new StoredBlob(BackupManifest.BLOB_NAME, size, set.manifestSha256());
    }

    /**
     * Key documents are named by no manifest, because more of them may come; each is small. A sealed copy may have others
     * under the same names, because keys are rotated in each store.
     *
     * @return bytes written
     */
    private static long keys(BlobStore source, BlobStore target, BlobCopier copier, String prefix, boolean sealed) {
        List<String> names = new ArrayList<>();
        source.list(prefix + KeyDocument.DIRECTORY, blob -> names.add(blob.name()));
        long written = 0;
        for (String name : names) {
            if (sealed && target.stat(name).isPresent()) {
                continue;
            }
            try (InputStream in = source.open(name, 0)) {
                byte[] bytes = in.readNBytes(LARGEST_KEY_DOCUMENT);
                StoredBlob document =
                        new StoredBlob(name.substring(prefix.length()), bytes.length, Sha256Probe.of(bytes));
                written += copier.copy(document, !sealed);
            } catch (IOException e) {
                throw new BackupException(
                        ErrorCode.STORE_IO,
                        "reading " + name + " failed: " + e.getMessage(),
                        "Check the store and the connection to it, then restart the run.",
                        e);
            }
        }
        return written;
    }

    private static void refuseMissing(String name, String to, StoredBlob blob, Long size) {
        if (size == null || size != blob.storedBytes()) {
            throw new BackupException(
                    size == null ? ErrorCode.BLOB_MISSING : ErrorCode.BLOB_SIZE_MISMATCH,
                    name + " should have " + blob.storedBytes() + " bytes, store \"" + to + "\" has "
                            + (size == null ? "none" : size.toString()),
                    "Find out what changes the store behind our back, then restart the run.");
        }
    }

    private static Map<String, Long> list(BlobStore store, String prefix) {
        Map<String, Long> stored = new HashMap<>();
        store.list(prefix, blob -> stored.put(blob.name(), blob.bytes()));
        stored.remove(prefix + BackupManifest.BLOB_NAME);
        return stored;
    }

    private BlobCopier copier(Execution execution, String from, String to, String prefix, Progress progress) {
        return new BlobCopier(
                new Place(from, open(execution, from)), new Place(to, open(execution, to)), prefix,
                execution.cancellation(), progress);
    }

    /** One connection per store and execution. */
    private BlobStore open(Execution execution, String store) {
        return execution.hold("copy.store " + store, HeldStore.class, () -> new HeldStore(access.store(store, execution))).store();
    }

    private record HeldStore(BlobStore store) implements AutoCloseable {
        @Override
        public void close() {
            store.close();
        }
    }
}
