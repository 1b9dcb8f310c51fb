package io.dbbackup.pipeline;

import io.dbbackup.model.ErrorCode;
import java.io.IOException;

/** Encrypted bytes are not the ones that were written; nothing of what they decrypt to was given away. */
public final class NotAuthenticException extends IOException {
    private static final long serialVersionUID = 1L;

    private final ErrorCode code;

    /** @param code BLOB_NOT_AUTHENTIC or BLOB_TRUNCATED */
    public NotAuthenticException(ErrorCode code, String message) {
        super(message);
        this.code = code;
    }

    public ErrorCode code() {
        return code;
    }
}
