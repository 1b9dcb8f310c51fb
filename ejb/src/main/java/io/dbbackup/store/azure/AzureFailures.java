package io.dbbackup.store.azure;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.store.StoreFailures;
import io.dbbackup.store.web.NoAnswerException;
import io.dbbackup.store.web.RefusedException;
import java.time.Clock;
import java.time.Duration;
import java.util.Set;

/** What Azure's refusals mean, with what can be done about it. */
final class AzureFailures extends StoreFailures {
    private static final Duration MOST_SKEW = Duration.ofMinutes(14);
    private static final Set<String> WRONG_KEY =
            Set.of("AuthenticationFailed", "InvalidAuthenticationInfo", "NoAuthenticationInformation");
    private static final Set<String> NO_CONTAINER =
            Set.of("ContainerNotFound", "ContainerBeingDeleted", "ResourceNotFound", "AccountBeingCreated");

    private final AzureSettings settings;
    private final Clock clock;

    AzureFailures(AzureSettings settings, Clock clock) {
        super(settings.location());
        this.settings = settings;
        this.clock = clock;
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
        String code = e.code();
        // emulators have one code for everything; the words are Azure's
        boolean unknown = e.getMessage().contains("failed to authenticate");
        if (WRONG_KEY.contains(code) || unknown || e.status() == 401) {
            return skewed(e)
                    ? failure(ErrorCode.STORE_CLOCK_SKEW, doing, e.getMessage(),
                            "Set the clock of this machine (timedatectl, chrony): requests are valid for 15 minutes.", e)
                    : failure(ErrorCode.STORE_AUTHENTICATION_FAILED, doing, e.getMessage(),
                            settings.accountKey().isPresent()
                                    ? "Correct account and account_key."
                                    : "Give a sas_token that is still valid, for this account and container.",
                            e);
        }
        if (NO_CONTAINER.contains(code)) {
            return failure(ErrorCode.STORE_MISSING, doing, "there is no container " + settings.container(),
                    "Create the container, or correct account, container or endpoint of the store.", e);
        }
        if ("InvalidBlockList".equals(code)) {
            return failure(ErrorCode.STORE_IO, doing, "blocks of the upload are gone, somebody removed them",
                    "Restart the run; Azure itself removes blocks that wait for a week.", e);
        }
        if (e.status() == 507 || "AccountLimitExceeded".equals(code)) {
            return failure(ErrorCode.STORE_FULL, doing, e.getMessage(),
                    "Raise the limit of the account or let retention delete old backup sets, then restart the run.", e);
        }
        if (e.status() == 403) {
            return failure(ErrorCode.STORE_ACCESS_DENIED, doing, e.getMessage(),
                    "Allow reading, writing, creating, deleting and listing there (sp=rcwdl; with versions also x), and this"
                            + " machine in the account's firewall.",
                    e);
        }
        if (e.status() == 429 || e.status() == 503) {
            return failure(ErrorCode.STORE_IO, doing, e.getMessage() + ", also after " + settings.retries() + " retries",
                    "The store is overloaded: restart the run later, or lower workers and parts_in_flight.", e);
        }
        return failure(ErrorCode.STORE_IO, doing, e.getMessage(),
                e.status() >= 500
                        ? "Look at the state of the store, then restart the run."
                        : "Look at the log of the store; it may not support this request.",
                e);
    }

    /** The answer holds the time of the store. */
    private boolean skewed(RefusedException e) {
        return e.answer()
                .header("date")
                .flatMap(AzureXml::instant)
                .filter(theirs -> Duration.between(theirs, clock.instant()).abs().compareTo(MOST_SKEW) > 0)
                .isPresent();
    }
}
