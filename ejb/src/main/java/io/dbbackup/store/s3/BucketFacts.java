package io.dbbackup.store.s3;

import io.dbbackup.model.BackupException;
import java.util.Optional;
import java.util.function.Supplier;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.BucketVersioningStatus;
import software.amazon.awssdk.services.s3.model.DefaultRetention;
import software.amazon.awssdk.services.s3.model.ObjectLockConfiguration;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;

/** What a bucket can do and is set to, asked once per store object, when it is first needed. Thread-safe. */
final class BucketFacts {
    private final S3Client client;
    private final S3Settings settings;
    private final S3Failures failures;
    private final Supplier<Boolean> conditionalProbe;
    private Optional<Lock> lock;
    private Boolean versioned;
    private Boolean conditional;

    /** @param retentionDays what the bucket sets on every object by itself */
    record Lock(boolean enabled, Optional<Integer> retentionDays) {}

    BucketFacts(S3Client client, S3Settings settings, S3Failures failures, Supplier<Boolean> conditionalProbe) {
        this.client = client;
        this.settings = settings;
        this.failures = failures;
        this.conditionalProbe = conditionalProbe;
    }

    /** True when {@code If-None-Match: *} protects an existing object; found out by trying. */
    synchronized boolean createsOnly() {
        if (conditional == null) {
            conditional = conditionalProbe.get();
        }
        return conditional;
    }

    /** As {@link #createsOnly()}, but without the requests where the answer is documented. */
    synchronized boolean trustsCreateOnly() {
        return conditional == null && S3Clients.isAmazon(settings) || createsOnly();
    }

    synchronized boolean versioned() {
        if (versioned == null) {
            versioned = ask("asking for the versioning of the bucket", () -> client.getBucketVersioning(
                            request -> request.bucket(settings.bucket())))
                    .map(answer -> answer.status() == BucketVersioningStatus.ENABLED)
                    .orElse(false);
        }
        return versioned;
    }

    synchronized Lock lock() {
        if (lock == null) {
            lock = ask("asking for the object lock of the bucket", () -> client.getObjectLockConfiguration(
                            request -> request.bucket(settings.bucket()))
                    .objectLockConfiguration())
                    .map(BucketFacts::lock);
        }
        return lock.orElse(new Lock(false, Optional.empty()));
    }

    private static Lock lock(ObjectLockConfiguration configuration) {
        Optional<DefaultRetention> retention =
                Optional.ofNullable(configuration.rule()).map(rule -> rule.defaultRetention());
        return new Lock(
                configuration.objectLockEnabled() == ObjectLockEnabled.ENABLED,
                retention.map(rule -> rule.days() != null ? rule.days() : rule.years() == null ? 0 : 365 * rule.years())
                        .filter(days -> days > 0));
    }

    /** Days for which what we write cannot be deleted. */
    Optional<Integer> lockDays() {
        return settings.lockDays().or(() -> lock().retentionDays());
    }

    /** Empty when the store does not know the question (501, 404, 400…) or does not let us ask it. */
    private <T> Optional<T> ask(String doing, Supplier<T> question) {
        try {
            return Optional.ofNullable(question.get());
        } catch (AwsServiceException e) {
            BackupException explained = failures.explain(doing, e);
            return switch (explained.code()) {
                case STORE_MISSING, STORE_AUTHENTICATION_FAILED, STORE_CLOCK_SKEW -> throw explained;
                default -> Optional.empty();
            };
        } catch (RuntimeException e) {
            throw failures.explain(doing, e);
        }
    }
}
