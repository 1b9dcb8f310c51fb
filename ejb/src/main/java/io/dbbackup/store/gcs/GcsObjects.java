package io.dbbackup.store.gcs;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.BlobInfo;
import io.dbbackup.store.web.RefusedException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Questions and deletions by the name of an object. Thread-safe. */
final class GcsObjects {
    private static final String FIELDS = "name,size,generation,timeCreated,metadata,retentionExpirationTime,temporaryHold,"
            + "eventBasedHold,retention,crc32c";

    private final GcsClient client;
    private final GcsSettings settings;
    private final GcsFailures failures;
    private volatile boolean bucketSeen;

    /** What the API says of an object. */
    record Found(JsonNode json) {
        String name() {
            return json.path("name").asText();
        }

        long bytes() {
            return json.path("size").asLong();
        }

        String generation() {
            return json.path("generation").asText();
        }

        Instant created() {
            return GcsJson.instant(json.path("timeCreated")).orElse(Instant.EPOCH).truncatedTo(ChronoUnit.SECONDS);
        }

        String writer() {
            return json.path("metadata").path(SessionUpload.WRITER).asText();
        }

        String crc32c() {
            return json.path("crc32c").asText();
        }

        Optional<Instant> retainedUntil() {
            return GcsJson.instant(json.path("retention").path("retainUntilTime"))
                    .or(() -> GcsJson.instant(json.path("retentionExpirationTime")));
        }

        boolean held() {
            return json.path("temporaryHold").asBoolean() || json.path("eventBasedHold").asBoolean();
        }

        BlobInfo info(String blob) {
            return new BlobInfo(blob, bytes(), created());
        }
    }

    GcsObjects(GcsClient client, GcsSettings settings, GcsFailures failures) {
        this.client = client;
        this.settings = settings;
        this.failures = failures;
    }

    <T> T call(String doing, Supplier<T> request) {
        try {
            return request.get();
        } catch (RuntimeException e) {
            throw failures.explain(doing, e);
        }
    }

    /** Empty when there is no such object; a missing bucket is an error. */
    Optional<Found> look(String object) {
        try {
            JsonNode found = client.json(
                    GcsRequest.of("GET", GcsRequest.object(settings.bucket(), object)).query("fields", FIELDS));
            bucketSeen = true;
            return Optional.of(new Found(found));
        } catch (RefusedException e) {
            if (e.status() == 404) {
                checkBucket();
                return Optional.empty();
            }
            throw failures.explain("looking at " + object, e);
        } catch (RuntimeException e) {
            throw failures.explain("looking at " + object, e);
        }
    }

    /** @throws BackupException STORE_MISSING when there is no bucket; asked once */
    void checkBucket() {
        if (!bucketSeen) {
            call("looking for the bucket", () -> client.json(list(settings.prefix(), "").query("maxResults", "1")));
            bucketSeen = true;
        }
    }

    /** Anything below the name, as below a directory? */
    boolean anyBelow(String object) {
        JsonNode page = call("listing " + object, () -> client.json(list(object + "/", "").query("maxResults", "1")));
        return !page.path("items").isEmpty();
    }

    private GcsRequest list(String prefix, String delimiter) {
        GcsRequest request = GcsRequest.of("GET", GcsRequest.objects(settings.bucket()))
                .query("prefix", prefix)
                .query("fields", "items(name,size,timeCreated),prefixes,nextPageToken");
        return delimiter.isEmpty() ? request : request.query("delimiter", delimiter);
    }

    /** Calls back for every page, which may be empty. */
    void pages(String prefix, String delimiter, Consumer<JsonNode> each) {
        String token = "";
        do {
            GcsRequest request = list(prefix, delimiter).query("maxResults", "1000");
            GcsRequest next = token.isEmpty() ? request : request.query("pageToken", token);
            JsonNode page = call("listing " + prefix, () -> client.json(next));
            each.accept(page);
            token = page.path("nextPageToken").asText("");
        } while (!token.isEmpty());
    }

    /**
     * Deletes for good: where the bucket keeps versions, the generation itself.
     *
     * @throws BackupException BLOB_LOCKED while a retention or a hold forbids it
     */
    void delete(String object) {
        Optional<Found> found = look(object);
        if (found.isEmpty()) {
            return;
        }
        try {
            client.send(GcsRequest.of("DELETE", GcsRequest.object(settings.bucket(), object))
                    .query("generation", found.get().generation()));
        } catch (RefusedException e) {
            if (e.status() == 404) {
                return;
            }
            throw locked(object, found.get(), e).orElseGet(() -> failures.explain("deleting " + object, e));
        } catch (RuntimeException e) {
            throw failures.explain("deleting " + object, e);
        }
    }

    private Optional<BackupException> locked(String object, Found found, RefusedException e) {
        if (e.status() / 100 != 4) {
            return Optional.empty();
        }
        if (found.held()) {
            return Optional.of(failures.failure(ErrorCode.BLOB_LOCKED, "deleting " + object,
                    "delete refused until its hold is released",
                    "Nothing is wrong: the hold does what it is for. Release it if the blob really has to go.", e));
        }
        return found.retainedUntil()
                .filter(date -> e.status() == 403 || e.status() == 412)
                .map(date -> failures.failure(ErrorCode.BLOB_LOCKED, "deleting " + object,
                        "delete refused until " + date + ", the end of its retention",
                        "Nothing is wrong: the retention does what it is for. Run retention again after that date.", e));
    }

    /** What cannot be removed now is removed by a later sweep. */
    void deleteQuietly(String object) {
        try {
            delete(object);
        } catch (RuntimeException e) {
            // a later sweep tries again
        }
    }
}
