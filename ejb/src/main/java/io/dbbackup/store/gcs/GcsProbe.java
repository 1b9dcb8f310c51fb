package io.dbbackup.store.gcs;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.store.web.RefusedException;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;

/**
 * Tries a bucket with small objects whose names no blob can have: what a crash leaves of them is swept. Where everything
 * is locked they stay for as long as the retention says.
 */
final class GcsProbe {
    /** The tilde is in no name of a blob. */
    static final String NAME = ".probe~";

    private final GcsClient client;
    private final GcsSettings settings;
    private final GcsFailures failures;
    private final GcsObjects objects;

    GcsProbe(GcsClient client, GcsSettings settings, GcsFailures failures, GcsObjects objects) {
        this.client = client;
        this.settings = settings;
        this.failures = failures;
        this.objects = objects;
    }

    /** @throws BackupException that says what is wrong with the store */
    void run() {
        objects.checkBucket();
        String object = object();
        byte[] expected = new byte[4096];
        Arrays.fill(expected, (byte) 'x');
        try {
            objects.call("trying to write", () -> write(object, expected));
            byte[] found = objects.call("trying to read", () -> client.send(
                            GcsRequest.of("GET", GcsRequest.object(settings.bucket(), object)).query("alt", "media"))
                    .body());
            if (!Arrays.equals(found, expected)) {
                throw failures.unlike("trying to read", "it gave back other bytes than were written");
            }
            deleteUnlessLocked(object);
        } catch (RuntimeException e) {
            objects.deleteQuietly(object);
            throw e;
        }
    }

    private void deleteUnlessLocked(String object) {
        try {
            objects.delete(object);
        } catch (BackupException e) {
            if (e.code() != ErrorCode.BLOB_LOCKED) {
                throw e;
            }
        }
    }

    /** Does the store refuse to replace an object when asked not to? */
    boolean createsOnly() {
        String object = object();
        try {
            write(object, new byte[] {'x'});
            write(object, new byte[] {'y'});
            return false;
        } catch (RefusedException e) {
            if (e.status() == 412) {
                return true;
            }
            throw failures.explain("trying to write", e);
        } catch (RuntimeException e) {
            throw failures.explain("trying to write", e);
        } finally {
            objects.deleteQuietly(object);
        }
    }

    /** @return bytes freed */
    long sweep(Duration olderThan, Instant now) {
        Instant limit = olderThan.isZero() ? Instant.MAX : now.minus(olderThan);
        long[] freed = {0};
        objects.pages(settings.prefix() + NAME, "", page -> page.path("items").forEach(item -> {
            GcsObjects.Found found = new GcsObjects.Found(item);
            if (!found.created().isAfter(limit)) {
                objects.deleteQuietly(found.name());
                freed[0] += found.bytes();
            }
        }));
        return freed[0];
    }

    private boolean write(String object, byte[] bytes) {
        client.send(GcsRequest.of("POST", "/upload" + GcsRequest.objects(settings.bucket()))
                .query("uploadType", "media")
                .query("name", object)
                .query("ifGenerationMatch", "0")
                .header("Content-Type", "application/octet-stream")
                .body(bytes, 0, bytes.length));
        return true;
    }

    private String object() {
        return settings.prefix() + NAME + UUID.randomUUID();
    }
}
