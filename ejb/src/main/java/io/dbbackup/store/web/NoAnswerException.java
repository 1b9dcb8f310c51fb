package io.dbbackup.store.web;

import java.io.IOException;

/** No answer came: no connection, one that dropped, silence, or an interrupt. */
public final class NoAnswerException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    public NoAnswerException(IOException cause) {
        super(cause.getMessage(), cause);
    }
}
