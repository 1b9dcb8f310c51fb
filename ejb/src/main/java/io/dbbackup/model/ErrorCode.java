package io.dbbackup.model;

/**
 * Stable codes of everything that can go wrong. A code never changes its meaning; scripts may match on it. Whether a
 * failed work item is worth another attempt, and the exit status of the command line (sysexits.h), belong to the code
 * and not to the caller.
 */
public enum ErrorCode {
    // the request
    /** Not a request of this API: unknown path, wrong method or media type, body that is not JSON. */
    INVALID_REQUEST(64, false),
    UNAUTHENTICATED(77, false),
    INVALID_PARAMETER(64, false),
    INVALID_CONFIGURATION(78, false),
    UNKNOWN_SOURCE(66, false),
    UNKNOWN_STORE(66, false),
    UNKNOWN_POLICY(66, false),
    UNKNOWN_RUN(66, false),
    UNKNOWN_BACKUP_SET(66, false),
    UNKNOWN_VERIFICATION(66, false),
    /** The run has ended and has nothing that can be continued or given up; trying later does not help. */
    RUN_NOT_RESTARTABLE(64, false),
    /** Another version of the product has planned the run, in a way that this one does not know. */
    PLAN_UNREADABLE(78, false),
    /** The run has ended, and what is asked for is possible only while it is active. */
    RUN_ALREADY_ENDED(64, false),
    RUN_ALREADY_ACTIVE(75, false),
    CONFIRMATION_REQUIRED(64, false),
    SECRET_UNAVAILABLE(78, false),
    FORBIDDEN(77, false),

    // the database server
    DATABASE_UNREACHABLE(69, true),
    DATABASE_AUTHENTICATION_FAILED(77, false),
    DATABASE_WRONG(78, false),
    UNKNOWN_DATABASE(66, false),
    /** An account that is to own something is neither on the server nor created with it. */
    UNKNOWN_ACCOUNT(66, false),
    DATABASE_VERSION_UNSUPPORTED(78, false),
    DATABASE_PRIVILEGE_MISSING(77, false),
    DATABASE_ROW_SECURITY(77, false),
    DATABASE_POOLER_DETECTED(78, false),
    DATABASE_EXTENSION_MISSING(78, false),
    DATABASE_LOCALE_MISSING(78, false),
    TABLESPACE_MISSING(78, false),
    /** Rows break a unique key by values that the server computes, in another time zone than the source did. */
    TIME_ZONE_MISMATCH(78, false),
    DATABASE_EXISTS(73, false),
    /** Its tables are gone, and files that are none of its keep the server from removing its directory. */
    DATABASE_DIRECTORY_NOT_EMPTY(73, false),
    DATABASE_CONNECTION_LOST(69, true),
    /** A table that rows are to be loaded into is missing or has other columns. */
    TABLE_MISMATCH(78, false),
    /** Rows are to be loaded into a table that has some, and nobody said that these may go. */
    TABLE_NOT_EMPTY(73, false),
    /** Triggers would fire while rows are loaded, and nobody said that they may be suspended. */
    TABLE_HAS_TRIGGERS(78, false),
    /** A trigger that a restore has suspended cannot come back: there is another one of its name. */
    TRIGGER_EXISTS(73, false),
    DATABASE_STATEMENT_FAILED(1, false),
    /** PostgreSQL cannot form the text or the binary form of a row or value: more than 1 GiB at once. */
    ROW_TOO_LARGE(65, false),
    DATABASE_TABLE_LOCKED(75, true),
    SNAPSHOT_LOST(75, true),
    TOOL_MISSING(78, false),
    TOOL_TOO_OLD(78, false),
    TOOL_FAILED(1, true),

    // the store
    STORE_UNREACHABLE(69, true),
    STORE_NOT_WRITABLE(73, true),
    STORE_FULL(74, true),
    STORE_IO(74, true),
    /** The store does not know who we are, or does not believe it. */
    STORE_AUTHENTICATION_FAILED(77, false),
    /** The server at the store's address is not the one that the configuration trusts. */
    STORE_NOT_TRUSTED(77, false),
    /** The store knows who we are and refuses what we want. */
    STORE_ACCESS_DENIED(77, false),
    /** The bucket, container or account that the configuration names does not exist. */
    STORE_MISSING(78, false),
    /** The clocks of this machine and of the store differ too much for signed requests. */
    STORE_CLOCK_SKEW(75, false),
    /** The store keeps a blob from being deleted until a date. */
    BLOB_LOCKED(75, false),
    BLOB_EXISTS(73, false),
    BLOB_MISSING(65, false),
    BLOB_SIZE_MISMATCH(65, false),
    BLOB_DIGEST_MISMATCH(65, false),
    BLOB_UNDECODABLE(65, false),
    /** A blob that no manifest names. */
    BLOB_UNEXPECTED(65, false),
    MANIFEST_INVALID(65, false),
    MANIFEST_VERSION_UNSUPPORTED(65, false),
    /** Two different manifests claim to be the same backup set. */
    SET_CONFLICT(65, false),

    // encryption
    /** No key at hand opens the backup set. */
    KEY_MISSING(78, false),
    /** A key that should open something does not. */
    KEY_WRONG(77, false),
    /** A key file, public key or passphrase cannot be used: malformed, unsafe permissions, too weak. */
    KEY_INVALID(78, false),
    /** A header asks for more memory or time to derive a key from a passphrase than is granted. */
    KEY_DERIVATION_TOO_COSTLY(65, false),
    /** A document with wrapped keys is malformed or nobody with the key wrote it. */
    KEY_DOCUMENT_INVALID(65, false),
    /** An unencrypted backup where the configuration demands encryption. */
    ENCRYPTION_REQUIRED(78, false),
    /** Encrypted bytes are altered, reordered or those of another blob. */
    BLOB_NOT_AUTHENTIC(65, false),
    /** Encrypted bytes end before their last segment. */
    BLOB_TRUNCATED(65, false),

    // proof
    ROW_COUNT_MISMATCH(3, false),
    FINGERPRINT_MISMATCH(3, false),
    VERIFICATION_FAILED(3, false),
    SET_IN_USE(75, false),

    // scripts before and after a run
    /** A script that the server does not allow: not there, not in the directory of hooks, open to other users. */
    HOOK_REFUSED(78, false),
    /** A script ended with a failure or was killed after its time. */
    HOOK_FAILED(1, false),

    // the run
    PARTIAL_SUCCESS(2, false),
    WORK_ITEMS_FAILED(1, false),
    CANCELLED(130, false),
    NODE_LOST(75, true),
    CLOCK_MOVED_BACK(75, false),
    NOTIFICATION_FAILED(1, true),
    INTERNAL(70, false);

    private final int exitCode;
    private final boolean retryable;

    ErrorCode(int exitCode, boolean retryable) {
        this.exitCode = exitCode;
        this.retryable = retryable;
    }

    /** Exit status of the command line for a run that ended with this code. */
    public int exitCode() {
        return exitCode;
    }

    /** True when the same work may succeed if it is simply tried again. */
    public boolean retryable() {
        return retryable;
    }
}
