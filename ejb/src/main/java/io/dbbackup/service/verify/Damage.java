package io.dbbackup.service.verify;

import io.dbbackup.catalog.Finding;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import java.util.regex.Pattern;

/** Tells what speaks against the set from what only kept us from looking at it. */
final class Damage {
    /** What servers say when disk, memory or locks are used up. */
    private static final Pattern RESOURCES =
            Pattern.compile("SQLSTATE 53|No space left on device|out of shared memory|out of memory|ended by signal");

    private Damage() {}

    /** True when a failure with this code means that the set is not what it says. */
    static boolean is(ErrorCode code) {
        return switch (code) {
            case BLOB_MISSING, BLOB_SIZE_MISMATCH, BLOB_DIGEST_MISMATCH, BLOB_UNDECODABLE, BLOB_UNEXPECTED, MANIFEST_INVALID,
                    BLOB_NOT_AUTHENTIC, BLOB_TRUNCATED, KEY_DOCUMENT_INVALID, KEY_DERIVATION_TOO_COSTLY,
                    ROW_COUNT_MISMATCH, FINGERPRINT_MISMATCH, VERIFICATION_FAILED -> true;
            // the set was read and the server, which is empty and ours, did not take it
            case TOOL_FAILED, DATABASE_STATEMENT_FAILED -> true;
            default -> false;
        };
    }

    /** The same for a failed item of the restore, by whose fault it may also be that the throwaway server had no room. */
    static boolean is(String kind, Problem problem) {
        return switch (problem.code()) {
            // before anything was restored
            case TOOL_FAILED, DATABASE_STATEMENT_FAILED -> !kind.equals(VerifyKind.SANDBOX)
                    && !RESOURCES.matcher(problem.cause()).find();
            default -> is(problem.code());
        };
    }

    /** A failed look as a finding; rethrows what is no damage. */
    static Finding finding(String database, String subject, String expected, BackupException failure) {
        if (!is(failure.code())) {
            throw failure;
        }
        return Finding.failed(database, subject, expected, found(failure.problem()), failure.problem());
    }

    private static String found(Problem problem) {
        return switch (problem.code()) {
            case BLOB_MISSING -> "nothing";
            case BLOB_SIZE_MISMATCH -> "another size";
            case BLOB_DIGEST_MISMATCH -> "other bytes";
            case BLOB_UNDECODABLE -> "cannot be decoded";
            case BLOB_NOT_AUTHENTIC, KEY_DOCUMENT_INVALID -> "not authentic";
            case BLOB_TRUNCATED -> "truncated";
            case MANIFEST_INVALID -> "not what was written";
            default -> "failed";
        };
    }
}
