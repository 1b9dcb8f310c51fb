package io.dbbackup.store.s3;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.util.Arrays;
import java.util.UUID;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;

/**
 * Tries a bucket with small objects whose names no blob can have: what a crash leaves of them is swept like other
 * leftovers. In a bucket that locks everything they stay, hidden by delete markers, for as long as its retention says.
 */
final class Probe {
    /** The tilde is in no name of a blob. */
    static final String PREFIX = ".probe~";

    private final S3Client client;
    private final S3Settings settings;
    private final S3Failures failures;
    private final Objects objects;

    Probe(S3Client client, S3Settings settings, S3Failures failures, Objects objects) {
        this.client = client;
        this.settings = settings;
        this.failures = failures;
        this.objects = objects;
    }

    /** @throws BackupException that says what is wrong with the store */
    void run() {
        // the first request is one whose refusal has a body that says why, and that creates nothing
        objects.checkBucket();
        String key = key();
        byte[] expected = new byte[4096];
        Arrays.fill(expected, (byte) 'x');
        try {
            objects.call("trying to write", () ->
                    client.putObject(request(key, false), RequestBody.fromBytes(expected)));
            byte[] found = objects.call("trying to read", () -> client.getObjectAsBytes(
                            request -> request.bucket(settings.bucket()).key(key))
                    .asByteArrayUnsafe());
            if (!Arrays.equals(found, expected)) {
                throw failures.failure(ErrorCode.STORE_IO, "trying to read", "it gave back other bytes than were written",
                        "Look at the state of the store, and at proxies between it and this machine.", null);
            }
            deleteOrHide(key);
        } catch (RuntimeException e) {
            objects.deleteQuietly(key);
            throw e;
        }
    }

    private void deleteOrHide(String key) {
        try {
            objects.delete(key);
        } catch (BackupException e) {
            if (e.code() != ErrorCode.BLOB_LOCKED) {
                throw e;
            }
            objects.deleteQuietly(key);
        }
    }

    /** Does the store refuse to replace an object when asked not to? */
    boolean createsOnly() {
        String key = key();
        try {
            client.putObject(request(key, true), RequestBody.fromString("x"));
            client.putObject(request(key, true), RequestBody.fromString("y"));
            return false;
        } catch (AwsServiceException e) {
            if (e.statusCode() == 412) {
                return true;
            }
            if (e.statusCode() == 501 || e.statusCode() == 400) {
                return false;
            }
            throw failures.explain("trying to write", e);
        } catch (RuntimeException e) {
            throw failures.explain("trying to write", e);
        } finally {
            objects.deleteQuietly(key);
        }
    }

    private String key() {
        return settings.prefix() + PREFIX + UUID.randomUUID();
    }

    private PutObjectRequest request(String key, boolean createOnly) {
        return PutObjectRequest.builder()
                .bucket(settings.bucket())
                .key(key)
                .ifNoneMatch(createOnly ? "*" : null)
                .serverSideEncryption(settings.sse().orElse(null))
                .ssekmsKeyId(settings.kmsKeyId().orElse(null))
                .build();
    }
}
