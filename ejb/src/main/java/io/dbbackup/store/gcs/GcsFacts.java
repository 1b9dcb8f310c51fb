package io.dbbackup.store.gcs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.MissingNode;
import io.dbbackup.model.BackupException;
import io.dbbackup.store.web.RefusedException;
import java.util.Optional;

/** What a bucket is set to, asked once per store object, when it is first needed. Thread-safe. */
final class GcsFacts {
    private static final long DAY = 86_400;

    private final GcsClient client;
    private final GcsSettings settings;
    private final GcsFailures failures;
    private final GcsProbe probe;
    private JsonNode bucket;
    private Boolean createsOnly;

    GcsFacts(GcsClient client, GcsSettings settings, GcsFailures failures, GcsProbe probe) {
        this.client = client;
        this.settings = settings;
        this.failures = failures;
        this.probe = probe;
    }

    /** Found out by trying. */
    synchronized boolean createsOnly() {
        if (createsOnly == null) {
            createsOnly = probe.createsOnly();
        }
        return createsOnly;
    }

    boolean versioned() {
        return bucket().path("versioning").path("enabled").asBoolean();
    }

    /** The bucket retains everything, or lets single objects be retained. */
    boolean locks() {
        return bucketSeconds() > 0 || bucket().path("objectRetention").path("mode").asText().equals("Enabled");
    }

    /** Days for which what we write cannot be deleted. */
    Optional<Integer> lockDays() {
        long days = (bucketSeconds() + DAY - 1) / DAY;
        long most = Math.max(days, settings.lockDays().orElse(0));
        return most == 0 ? Optional.empty() : Optional.of((int) most);
    }

    private long bucketSeconds() {
        return bucket().path("retentionPolicy").path("retentionPeriod").asLong();
    }

    /** Missing where the account may not ask: it needs storage.buckets.get. */
    private synchronized JsonNode bucket() {
        if (bucket == null) {
            bucket = ask();
        }
        return bucket;
    }

    private JsonNode ask() {
        try {
            return client.json(GcsRequest.of("GET", "/storage/v1/b/" + GcsRequest.encoded(settings.bucket()))
                    .query("fields", "versioning,retentionPolicy,objectRetention"));
        } catch (RefusedException e) {
            BackupException explained = failures.explain("asking for the bucket", e);
            return switch (explained.code()) {
                case STORE_MISSING, STORE_AUTHENTICATION_FAILED, STORE_CLOCK_SKEW -> throw explained;
                default -> MissingNode.getInstance();
            };
        } catch (RuntimeException e) {
            throw failures.explain("asking for the bucket", e);
        }
    }
}
