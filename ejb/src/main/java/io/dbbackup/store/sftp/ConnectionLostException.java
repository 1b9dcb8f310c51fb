package io.dbbackup.store.sftp;

import java.io.IOException;

/** The connection is gone, and with it every answer that was still to come. */
final class ConnectionLostException extends IOException {
    private static final long serialVersionUID = 1L;

    ConnectionLostException(String message, Throwable cause) {
        super(message, cause);
    }
}
