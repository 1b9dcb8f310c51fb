package io.dbbackup.store.gcs;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.store.StoreFailures;
import io.dbbackup.store.web.NoAnswerException;
import io.dbbackup.store.web.RefusedException;
import java.util.Locale;
import java.util.Set;

/** What Google's refusals mean, with what can be done about it. */
final class GcsFailures extends StoreFailures {
    private static final Set<String> TOO_FAST = Set.of("rateLimitExceeded", "userRateLimitExceeded");

    private final GcsSettings settings;

    GcsFailures(GcsSettings settings) {
        super(settings.location());
        this.settings = settings;
    }

    @Override
    public BackupException explain(String doing, RuntimeException failure) {
        if (failure instanceof BackupException known) {
            return known;
        }
        if (failure instanceof RefusedException refused) {
            return refused(doing, refused);
        }
        if (failure instanceof NoAnswerException) {
            return unanswered(doing, failure);
        }
        throw failure;
    }

    private BackupException refused(String doing, RefusedException e) {
        String message = e.getMessage().toLowerCase(Locale.ROOT);
        if (e.code().equals(AccessTokens.REFUSED) && e.status() / 100 == 4) {
            return message.contains("short-lived") || message.contains("timeframe")
                    ? failure(ErrorCode.STORE_CLOCK_SKEW, doing, e.getMessage(),
                            "Set the clock of this machine (timedatectl, chrony).", e)
                    : failure(ErrorCode.STORE_AUTHENTICATION_FAILED, doing, e.getMessage(),
                            "Give a service_account_key that still exists, of an account that is enabled.", e);
        }
        if (e.status() == 401) {
            return failure(ErrorCode.STORE_AUTHENTICATION_FAILED, doing, e.getMessage(),
                    "Give a service_account_key that still exists, of an account that is enabled.", e);
        }
        if (e.status() == 404 && message.contains("bucket does not exist")) {
            return failure(ErrorCode.STORE_MISSING, doing, "there is no bucket " + settings.bucket(),
                    "Create the bucket, or correct bucket or endpoint of the store.", e);
        }
        if (e.status() == 429 || e.status() == 503 || e.status() == 403 && TOO_FAST.contains(e.code())) {
            return failure(ErrorCode.STORE_IO, doing, e.getMessage() + ", also after " + settings.retries() + " retries",
                    "The store is overloaded: restart the run later, or lower workers.", e);
        }
        if (e.status() == 403 && e.code().equals("quotaExceeded")) {
            return failure(ErrorCode.STORE_FULL, doing, e.getMessage(),
                    "Raise the quota or let retention delete old backup sets, then restart the run.", e);
        }
        if (e.status() == 403) {
            return failure(ErrorCode.STORE_ACCESS_DENIED, doing, e.getMessage(),
                    "Give the service account the role Storage Object User on the bucket (roles/storage.objectUser:"
                            + " storage.objects.create, get, list, delete).",
                    e);
        }
        return failure(ErrorCode.STORE_IO, doing, e.getMessage(),
                e.status() >= 500
                        ? "Look at the state of the store, then restart the run."
                        : "Look at the log of the store; it may not support this request.",
                e);
    }
}
