package io.dbbackup.store.azure;

import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.spi.ResumedUpload;
import io.dbbackup.store.upload.PartSizes;
import io.dbbackup.store.upload.PartsWriter;
import io.dbbackup.store.upload.Uploader;
import io.dbbackup.store.web.RefusedException;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;

/** Begins uploads, finds interrupted ones again and removes them; knows which are this store object's own. Thread-safe. */
final class AzureUploads {
    final AzureClient client;
    final AzureSettings settings;
    final AzureKeys keys;
    final AzureFailures failures;
    final AzureObjects objects;
    /** Blocks do not say when they came, and Azure itself removes them a week after the last one ("Put Block"). */
    private static final Duration LONGEST_UPLOAD = Duration.ofDays(7);

    private final AzureFacts facts;
    private final Uploader uploader;
    private final Clock clock;
    private final Set<UploadId> own = ConcurrentHashMap.newKeySet();

    AzureUploads(
            AzureClient client,
            AzureSettings settings,
            AzureKeys keys,
            AzureFailures failures,
            AzureObjects objects,
            AzureFacts facts,
            Uploader uploader,
            Clock clock) {
        this.client = client;
        this.settings = settings;
        this.keys = keys;
        this.failures = failures;
        this.objects = objects;
        this.facts = facts;
        this.uploader = uploader;
        this.clock = clock;
    }

    void began(UploadId id) {
        own.add(id);
    }

    void ended(UploadId id) {
        own.remove(id);
    }

    /** As Azure spells the date until which a new blob is to be kept. */
    String lockedUntil() {
        return AzureClient.DATE.format(clock.instant().plus(Duration.ofDays(settings.lockDays().orElse(0))));
    }

    BlobWriter begin(String name, OptionalLong expectedBytes) {
        return new PartsWriter<>(
                uploader,
                new BlockUpload(this, name, UploadId.create(clock.instant())),
                PartSizes.of(settings.partBytes(), expectedBytes, true));
    }

    Optional<ResumedUpload> resume(String name, String token) {
        Optional<UploadId> id = UploadId.parse(token);
        if (id.isEmpty()) {
            return Optional.empty();
        }
        Map<Integer, AzureXml.Block> waiting = new TreeMap<>();
        objects.call("looking for the upload of " + name, () -> objects.waiting(keys.key(name)))
                .forEach(block -> UploadId.ofBlock(block.id())
                        .filter(numbered -> numbered.upload().equals(id.get()))
                        .ifPresent(numbered -> waiting.put(numbered.number(), block)));
        List<String> blocks = new ArrayList<>();
        long bytes = 0;
        // up to the first that was lost: what is behind it is sent again
        for (AzureXml.Block block = waiting.get(1); block != null; block = waiting.get(blocks.size() + 1)) {
            blocks.add(block.id());
            bytes += block.bytes();
        }
        if (blocks.isEmpty()) {
            return Optional.empty();
        }
        began(id.get());
        PartSizes sizes = PartSizes.of(
                Math.max(settings.partBytes(), waiting.get(1).bytes()), OptionalLong.empty(), true);
        return Optional.of(new ResumedUpload(
                new PartsWriter<>(
                        uploader, new BlockUpload(this, name, id.get()), sizes, id.get().toString(), blocks, bytes),
                bytes));
    }

    /**
     * Removes the waiting blocks of a blob, if they are all of that upload. Azure has no request for that: an empty
     * blob takes their place, marked so that no reader of ours sees it, and is deleted at once. Where it might be
     * undeletable the blocks wait for Azure's own cleanup after a week.
     *
     * @return bytes freed
     */
    long discard(String key, UploadId id) {
        List<AzureXml.Block> waiting = objects.waiting(key);
        boolean all = waiting.stream()
                .allMatch(block -> UploadId.ofBlock(block.id())
                        .filter(numbered -> numbered.upload().equals(id))
                        .isPresent());
        if (waiting.isEmpty() || !all || facts.mayLock()) {
            return 0;
        }
        try {
            String etag = client.send(BlockUpload.list(key, List.of())
                            .header("x-ms-meta-" + BlockUpload.DISCARDED, "true")
                            .header("if-none-match", "*"))
                    .header("etag")
                    .orElse("*");
            objects.remove(key, etag);
        } catch (RefusedException e) {
            if (e.status() != 409 && e.status() != 412) {
                throw e;
            }
            return 0; // a blob is there: its publication removed the blocks, or they replace nothing
        }
        return waiting.stream().mapToLong(AzureXml.Block::bytes).sum();
    }

    /**
     * Removes what uploads left behind, and blobs that were to discard some. Ages are by the clock of the machine that
     * began the upload. Whatever the age, unless it is zero, uploads are spared that began less than a week ago: another server
     * may be at them.
     *
     * @return bytes freed
     */
    long sweep(String prefix, Duration olderThan) {
        Instant now = clock.instant();
        Instant limit = olderThan.isZero() ? Instant.MAX : now.minus(olderThan);
        Instant begun = olderThan.isZero() || olderThan.compareTo(LONGEST_UPLOAD) > 0 ? limit : now.minus(LONGEST_UPLOAD);
        long[] freed = {0};
        objects.pages(keys.key(prefix), "uncommittedblobs,metadata", "", page -> page.blobs()
                .forEach(blob -> freed[0] += sweep(blob, limit, begun)));
        return freed[0];
    }

    private long sweep(AzureXml.Entry blob, Instant limit, Instant begun) {
        try {
            if (blob.discarded() || blob.key().startsWith(keys.prefix() + AzureProbe.NAME)) {
                if (blob.modified().isAfter(limit)) {
                    return 0;
                }
                objects.remove(blob.key(), "*");
                return blob.bytes();
            }
            if (blob.bytes() > 0) {
                return 0; // a blob; one that only waits has no size
            }
            Optional<UploadId> upload = objects.waiting(blob.key()).stream()
                    .flatMap(block -> UploadId.ofBlock(block.id()).stream())
                    .map(UploadId.Numbered::upload)
                    .findFirst();
            boolean old = upload.filter(id -> !own.contains(id) && !id.began().isAfter(begun)).isPresent();
            return old ? discard(blob.key(), upload.get()) : 0;
        } catch (RefusedException e) {
            return 0; // somebody else ended it, or the next sweep does
        }
    }
}
