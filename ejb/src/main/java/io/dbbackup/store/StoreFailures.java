package io.dbbackup.store;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import javax.net.ssl.SSLException;

/** What the exceptions of a store's client mean, with what can be done about it. Thread-safe. */
public abstract class StoreFailures {
    private final String location;

    /** @param location of the store, for people; no secret in it */
    protected StoreFailures(String location) {
        this.location = location;
    }

    /**
     * The same failure with its code, cause and remedy.
     *
     * @param doing what was tried, as in "writing x"
     */
    public abstract BackupException explain(String doing, RuntimeException failure);

    public final BackupException failure(ErrorCode code, String doing, String why, String remedy, Exception origin) {
        return new BackupException(code, doing + " failed in the store " + location + ": " + why, remedy, origin);
    }

    public final BackupException exists(String name, Exception origin) {
        return new BackupException(
                ErrorCode.BLOB_EXISTS,
                "a blob " + name + " exists already in the store " + location,
                "Blobs are never replaced; a new backup run uses new names.",
                origin);
    }

    public final BackupException missing(String name, Exception origin) {
        return new BackupException(
                ErrorCode.BLOB_MISSING,
                "there is no blob " + name + " in the store " + location,
                "Use another backup set, or bring the object back from a copy or an older version.",
                origin);
    }

    /** What was stored is not what was sent. */
    public final BackupException unlike(String doing, String what) {
        return failure(ErrorCode.STORE_IO, doing, what,
                "Look at the state of the store and at proxies on the way to it, then restart the run.", null);
    }

    /** Of a store that gave no answer at all. */
    protected final BackupException unanswered(String doing, RuntimeException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof SSLException) {
                return failure(ErrorCode.STORE_UNREACHABLE, doing, "TLS fails: " + cause.getMessage(),
                        "Set ca_file to the certificate authority of the endpoint, and its name as the certificate has it.",
                        e);
            }
        }
        Throwable root = e;
        while (root.getCause() != null && root.getCause() != root) {
            root = root.getCause();
        }
        return failure(ErrorCode.STORE_UNREACHABLE, doing, root.getClass().getSimpleName() + ": " + root.getMessage(),
                "Check endpoint, DNS, firewall and proxy from this machine, then restart the run.", e);
    }
}
