package io.dbbackup.store.sftp;

import java.io.IOException;
import org.apache.sshd.sftp.common.SftpConstants;

/** The server answered a request with another status than OK. */
final class StatusException extends IOException {
    private static final long serialVersionUID = 1L;

    private final int status;

    StatusException(int status, String message) {
        super("it answered " + SftpConstants.getStatusName(status) + (message.isBlank() ? "" : " (" + message.strip() + ")"));
        this.status = status;
    }

    int status() {
        return status;
    }

    /** The file or a directory above it is not there (OpenSSH says the same when one above is no directory). */
    boolean missing() {
        return status == SftpConstants.SSH_FX_NO_SUCH_FILE || status == SftpConstants.SSH_FX_NO_SUCH_PATH;
    }

    /** By a server that has a word for it, or by ourselves. */
    boolean taken() {
        return status == SftpConstants.SSH_FX_FILE_ALREADY_EXISTS;
    }
}
