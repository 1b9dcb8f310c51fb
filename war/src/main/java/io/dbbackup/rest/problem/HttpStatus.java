package io.dbbackup.rest.problem;

import io.dbbackup.model.ErrorCode;

/** The HTTP status of each code. */
final class HttpStatus {
    private HttpStatus() {}

    /** @param lookup true when the request names the missing thing by its path, false when a parameter does */
    static int of(ErrorCode code, boolean lookup) {
        return switch (code) {
            case INVALID_REQUEST -> 400;
            case UNAUTHENTICATED -> 401;
            case FORBIDDEN -> 403;
            case UNKNOWN_RUN -> 404;
            case UNKNOWN_SOURCE, UNKNOWN_STORE, UNKNOWN_POLICY, UNKNOWN_BACKUP_SET, UNKNOWN_VERIFICATION,
                    UNKNOWN_DATABASE -> lookup ? 404 : 422;
            case RUN_NOT_RESTARTABLE, RUN_ALREADY_ENDED, RUN_ALREADY_ACTIVE, SET_IN_USE, DATABASE_EXISTS, BLOB_EXISTS,
                    BLOB_LOCKED -> 409;
            case INVALID_PARAMETER, INVALID_CONFIGURATION, CONFIRMATION_REQUIRED, ENCRYPTION_REQUIRED, KEY_MISSING, KEY_WRONG,
                    KEY_INVALID -> 422;
            case DATABASE_UNREACHABLE, DATABASE_CONNECTION_LOST, STORE_UNREACHABLE, STORE_FULL, STORE_IO -> 503;
            case INTERNAL -> 500;
            // what a server or store behind us refuses, or what is wrong with what it holds
            default -> 502;
        };
    }
}
