package io.dbbackup.store.azure;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.store.web.Answer;
import io.dbbackup.store.web.RefusedException;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.UUID;

/**
 * Tries a container with small blobs whose names no blob can have: what a crash leaves of them is swept like other
 * leftovers. Where everything is locked they stay for as long as the policy says.
 */
final class AzureProbe {
    /** The tilde is in no name of a blob. */
    static final String NAME = ".probe~";

    private final AzureClient client;
    private final AzureSettings settings;
    private final AzureFailures failures;
    private final AzureObjects objects;
    private final Clock clock;

    /**
     * What a blob showed when it was written.
     *
     * @param createsOnly a second one with its name was refused
     * @param versioned it got a version
     * @param retainedDays what the container's policy set on it
     */
    record Findings(boolean createsOnly, boolean versioned, Optional<Integer> retainedDays) {}

    AzureProbe(AzureClient client, AzureSettings settings, AzureFailures failures, AzureObjects objects, Clock clock) {
        this.client = client;
        this.settings = settings;
        this.failures = failures;
        this.objects = objects;
        this.clock = clock;
    }

    /** @throws BackupException that says what is wrong with the store */
    void run() {
        objects.checkContainer(settings.prefix());
        String key = key();
        byte[] expected = new byte[4096];
        Arrays.fill(expected, (byte) 'x');
        try {
            objects.call("trying to write", () -> write(key, expected));
            byte[] found = objects.call("trying to read", () -> client.send(AzureRequest.of("GET", key)).body());
            if (!Arrays.equals(found, expected)) {
                throw failures.unlike("trying to read", "it gave back other bytes than were written");
            }
            deleteUnlessLocked(key);
        } catch (RuntimeException e) {
            objects.deleteQuietly(key);
            throw e;
        }
    }

    private void deleteUnlessLocked(String key) {
        try {
            objects.delete(key);
        } catch (BackupException e) {
            if (e.code() != ErrorCode.BLOB_LOCKED) {
                throw e;
            }
        }
    }

    Findings findings() {
        String key = key();
        try {
            Answer first = objects.call("trying to write", () -> write(key, new byte[] {'x'}));
            boolean createsOnly = refuses(key);
            Optional<Integer> days = objects.look(key)
                    .flatMap(AzureObjects.Head::retainedUntil)
                    .map(date -> (int) Duration.between(clock.instant(), date).plusHours(12).toDays())
                    .filter(count -> count > 0);
            return new Findings(createsOnly, first.header("x-ms-version-id").isPresent(), days);
        } finally {
            objects.deleteQuietly(key);
        }
    }

    private boolean refuses(String key) {
        try {
            write(key, new byte[] {'y'});
            return false;
        } catch (RefusedException e) {
            if (e.status() == 409 || e.status() == 412) {
                return true;
            }
            throw failures.explain("trying to write", e);
        } catch (RuntimeException e) {
            throw failures.explain("trying to write", e);
        }
    }

    private Answer write(String key, byte[] bytes) {
        return client.send(AzureRequest.of("PUT", key)
                .header("x-ms-blob-type", "BlockBlob")
                .header("if-none-match", "*")
                .body(bytes, bytes.length));
    }

    private String key() {
        return settings.prefix() + NAME + UUID.randomUUID();
    }
}
