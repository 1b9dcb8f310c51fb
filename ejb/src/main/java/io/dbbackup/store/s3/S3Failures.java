package io.dbbackup.store.s3;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.store.StoreFailures;
import java.util.Set;
import software.amazon.awssdk.awscore.exception.AwsErrorDetails;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkException;

/** What the SDK's exceptions mean, with what can be done about it. */
final class S3Failures extends StoreFailures {
    private static final Set<String> WRONG_KEY = Set.of(
            "SignatureDoesNotMatch", "InvalidAccessKeyId", "InvalidToken", "ExpiredToken", "TokenRefreshRequired",
            "InvalidSecurity", "NotSignedUp", "AccountProblem", "XMinioInvalidAccessKeyId", "UnrecognizedClientException");
    private static final Set<String> SKEW = Set.of("RequestTimeTooSkewed", "RequestExpired", "RequestInTheFuture");
    private static final Set<String> WRONG_REGION =
            Set.of("AuthorizationHeaderMalformed", "PermanentRedirect", "IllegalLocationConstraintException");
    private static final Set<String> FULL = Set.of(
            "QuotaExceeded", "XMinioStorageFull", "XMinioAdminBucketQuotaExceeded", "InsufficientStorage", "cap_exceeded",
            "StorageQuotaExceeded");

    private final S3Settings settings;

    S3Failures(S3Settings settings) {
        super(settings.location());
        this.settings = settings;
    }

    @Override
    public BackupException explain(String doing, RuntimeException failure) {
        if (failure instanceof BackupException known) {
            return known;
        }
        if (failure instanceof AwsServiceException refused) {
            return refused(doing, refused);
        }
        if (failure instanceof SdkException) {
            return noAnswer(doing, failure);
        }
        throw failure;
    }

    private BackupException refused(String doing, AwsServiceException e) {
        String code = code(e);
        int status = e.statusCode();
        if (WRONG_KEY.contains(code) || status == 401) {
            return failure(ErrorCode.STORE_AUTHENTICATION_FAILED, doing, said(e),
                    "Correct access_key_id and secret_access_key (or the profile or role that the server runs with).", e);
        }
        if (SKEW.contains(code)) {
            return failure(ErrorCode.STORE_CLOCK_SKEW, doing, said(e),
                    "Set the clock of this machine (timedatectl, chrony): requests are valid for 15 minutes.", e);
        }
        if (WRONG_REGION.contains(code) || status == 301) {
            return failure(ErrorCode.INVALID_CONFIGURATION, doing, said(e),
                    "Set region (and endpoint) of the store to those of the bucket.", e);
        }
        if ("NoSuchBucket".equals(code)) {
            return failure(ErrorCode.STORE_MISSING, doing, "there is no bucket " + settings.bucket(),
                    "Create the bucket, or correct bucket, endpoint or region of the store.", e);
        }
        if ("NoSuchUpload".equals(code)) {
            return failure(ErrorCode.STORE_IO, doing, "the upload is gone, somebody removed it",
                    "Restart the run; a cleanup of leftovers or a lifecycle rule must spare uploads under way.", e);
        }
        if (FULL.contains(code) || status == 507) {
            return failure(ErrorCode.STORE_FULL, doing, said(e),
                    "Raise the quota or let retention delete old backup sets, then restart the run.", e);
        }
        if (status == 403) {
            return failure(ErrorCode.STORE_ACCESS_DENIED, doing, said(e),
                    "Allow these credentials s3:ListBucket, s3:ListBucketMultipartUploads, s3:GetObject, s3:PutObject,"
                            + " s3:DeleteObject and s3:AbortMultipartUpload there (docs/configuration.md has the policy).",
                    e);
        }
        if (status == 429 || status == 503) {
            return failure(ErrorCode.STORE_IO, doing, said(e) + ", also after " + settings.retries() + " retries",
                    "The store is overloaded: restart the run later, or lower workers and parts_in_flight.", e);
        }
        return failure(ErrorCode.STORE_IO, doing, said(e),
                status >= 500
                        ? "Look at the state of the store, then restart the run."
                        : "Look at the log of the store; it may not support this request.",
                e);
    }

    private BackupException noAnswer(String doing, RuntimeException e) {
        if (String.valueOf(e.getMessage()).contains("credentials")) {
            return failure(ErrorCode.STORE_AUTHENTICATION_FAILED, doing, "no credentials were found",
                    "Set access_key_id and secret_access_key, or give the server's user a profile or role.", e);
        }
        return unanswered(doing, e);
    }

    /** S3's name of the error; empty when the answer had no body, as those to HEAD have. */
    static String code(AwsServiceException e) {
        AwsErrorDetails details = e.awsErrorDetails();
        return details == null || details.errorCode() == null ? "" : details.errorCode();
    }

    private static String said(AwsServiceException e) {
        AwsErrorDetails details = e.awsErrorDetails();
        String message = details == null || details.errorMessage() == null ? "" : details.errorMessage();
        return "it answered " + e.statusCode() + " " + code(e) + (message.isBlank() ? "" : " (" + message.strip() + ")");
    }
}
