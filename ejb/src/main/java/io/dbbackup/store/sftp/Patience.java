package io.dbbackup.store.sftp;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.io.IOException;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BooleanSupplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/** How often in a row something may fail for want of a connection, and how long it waits before the next one. */
final class Patience {
    private static final Logger LOG = Logger.getLogger(Patience.class.getName());
    private static final long FIRST_MILLIS = 250;
    private static final long LONGEST_MILLIS = 10_000;
    private static final long GLANCE_MILLIS = 100;

    private final int retries;
    private int failed;

    Patience(int retries) {
        this.retries = retries;
    }

    /** To be called when the transfer has got on. */
    void gotOn() {
        failed = 0;
    }

    /** Waits, or throws what has happened when it happened too often. */
    void pause(ConnectionLostException lost, BooleanSupplier stop) throws IOException {
        if (++failed > retries) {
            throw lost;
        }
        sleep(lost, stop);
    }

    /** The same when no new connection could be made. */
    void pause(BackupException refused, BooleanSupplier stop) throws IOException {
        if (refused.code() != ErrorCode.STORE_UNREACHABLE || ++failed > retries) {
            throw refused;
        }
        sleep(refused, stop);
    }

    private void sleep(Exception why, BooleanSupplier stop) throws StoppedException {
        LOG.log(Level.WARNING, "SFTP, attempt {0} of {1} follows: {2}", new Object[] {failed + 1, retries + 1, why.getMessage()});
        long most = Math.min(LONGEST_MILLIS, FIRST_MILLIS << Math.min(failed, 10));
        long left = ThreadLocalRandom.current().nextLong(most / 4, most + 1);
        try {
            for (; left > 0 && !stop.getAsBoolean(); left -= GLANCE_MILLIS) {
                Thread.sleep(Math.min(left, GLANCE_MILLIS));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new StoppedException();
        }
    }
}
