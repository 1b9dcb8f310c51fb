package io.dbbackup.store.s3;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.BlobInfo;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.ObjectLockLegalHoldStatus;

/** Questions and deletions of single objects by key. Thread-safe. */
final class Objects {
    private final S3Client client;
    private final S3Settings settings;
    private final S3Failures failures;

    Objects(S3Client client, S3Settings settings, S3Failures failures) {
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

    /** What HEAD says; empty when there is no such object. A missing bucket looks the same. */
    Optional<HeadObjectResponse> look(String key) {
        try {
            return Optional.of(client.headObject(request -> request.bucket(settings.bucket()).key(key)));
        } catch (AwsServiceException e) {
            if (e.statusCode() == 404) {
                return Optional.empty();
            }
            throw failures.explain("looking at " + key, e);
        } catch (RuntimeException e) {
            throw failures.explain("looking at " + key, e);
        }
    }

    /** @throws BackupException STORE_MISSING when there is no bucket */
    void checkBucket() {
        call("looking for the bucket", () -> client.listObjectsV2(
                request -> request.bucket(settings.bucket()).prefix(settings.prefix()).maxKeys(1)));
    }

    /** Anything below the key, as below a directory? */
    boolean anyBelow(String key) {
        return !call("listing " + key, () -> client.listObjectsV2(
                        request -> request.bucket(settings.bucket()).prefix(key + "/").maxKeys(1)))
                .contents()
                .isEmpty();
    }

    /** Lists give milliseconds, other answers do not. */
    static BlobInfo info(String name, long bytes, Instant at) {
        return new BlobInfo(name, bytes, at.truncatedTo(ChronoUnit.SECONDS));
    }

    /**
     * Deletes for good: where the bucket keeps versions, the version itself and not only its name.
     *
     * @throws BackupException BLOB_LOCKED while a retention or a legal hold forbids it
     */
    void delete(String key) {
        Optional<HeadObjectResponse> found = look(key);
        if (found.isEmpty()) {
            return;
        }
        String version = found.get().versionId();
        try {
            client.deleteObject(request -> request.bucket(settings.bucket()).key(key).versionId(version));
        } catch (AwsServiceException e) {
            throw locked(key, found.get(), e).orElseGet(() -> failures.explain("deleting " + key, e));
        } catch (RuntimeException e) {
            throw failures.explain("deleting " + key, e);
        }
    }

    private Optional<BackupException> locked(String key, HeadObjectResponse object, AwsServiceException e) {
        if (e.statusCode() / 100 != 4) {
            return Optional.empty();
        }
        if (object.objectLockLegalHoldStatus() == ObjectLockLegalHoldStatus.ON) {
            return Optional.of(failures.failure(ErrorCode.BLOB_LOCKED, "deleting " + key,
                    "delete refused until its legal hold is lifted",
                    "Nothing is wrong: the hold does what it is for. Lift it if the blob really has to go.", e));
        }
        return retainedUntil(key, object)
                .map(date -> failures.failure(ErrorCode.BLOB_LOCKED, "deleting " + key,
                        "delete refused until " + date + ", the end of its retention ("
                                + object.objectLockModeAsString() + ")",
                        "Nothing is wrong: object lock does what it is for. Run retention again after that date.", e));
    }

    private Optional<Instant> retainedUntil(String key, HeadObjectResponse object) {
        if (object.objectLockRetainUntilDate() != null) {
            return Optional.of(object.objectLockRetainUntilDate());
        }
        try {
            return Optional.ofNullable(client.getObjectRetention(request ->
                                    request.bucket(settings.bucket()).key(key).versionId(object.versionId()))
                            .retention())
                    .map(retention -> retention.retainUntilDate());
        } catch (RuntimeException e) {
            return Optional.empty(); // it does not know, or does not tell
        }
    }

    /** Deletes without a complaint; where it is locked, hides it behind a delete marker. */
    void deleteQuietly(String key) {
        try {
            delete(key);
        } catch (BackupException e) {
            try {
                client.deleteObject(request -> request.bucket(settings.bucket()).key(key));
            } catch (RuntimeException again) {
                // a later sweep tries again
            }
        }
    }
}
