package io.dbbackup.store.sftp;

import java.io.IOException;

/** Somebody who may do that has ended the waiting for the server. */
final class StoppedException extends IOException {
    private static final long serialVersionUID = 1L;

    StoppedException() {
        super("stopped");
    }
}
