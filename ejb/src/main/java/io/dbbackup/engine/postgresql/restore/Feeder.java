package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.RestoreContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.concurrent.atomic.AtomicReference;

/**
 * Feeds a blob into a program's standard input while the caller reads its standard output. A program that has read all
 * it wants may close its input early; the blob is read to its end all the same, since that checks its digests.
 */
final class Feeder implements AutoCloseable {
    private static final int BUFFER = 1 << 16;

    private final Thread thread;
    private final AtomicReference<RuntimeException> failure = new AtomicReference<>();
    private volatile boolean unwanted;

    private Feeder(RestoreContext context, BlobRef blob, OutputStream program, Progress progress) {
        thread = new Thread(() -> feed(context, blob, program, progress), "dbbackup feeder");
        thread.setDaemon(true);
    }

    static Feeder start(RestoreContext context, BlobRef blob, OutputStream program, Progress progress) {
        Feeder feeder = new Feeder(context, blob, program, progress);
        feeder.thread.start();
        return feeder;
    }

    private void feed(RestoreContext context, BlobRef blob, OutputStream program, Progress progress) {
        try (program;
                InputStream in = context.set().open(blob)) {
            byte[] buffer = new byte[BUFFER];
            boolean wanted = true;
            for (int n = in.read(buffer); n >= 0 && !unwanted; n = in.read(buffer)) {
                context.cancellation().check();
                progress.bytes(n);
                wanted = wanted && pass(program, buffer, n);
            }
        } catch (IOException e) {
            // closing the input of a program that has ended fails; its exit status is looked at elsewhere
            return;
        } catch (RuntimeException e) {
            failure.set(e);
        }
    }

    private static boolean pass(OutputStream program, byte[] buffer, int length) {
        try {
            program.write(buffer, 0, length);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    /** Waits until the blob was read to its end, and throws what went wrong with it. */
    void await() {
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackupException(ErrorCode.CANCELLED, "reading a blob was interrupted", "Restart the run.", e);
        }
        RuntimeException failed = failure.get();
        if (failed != null) {
            throw failed;
        }
    }

    @Override
    public void close() {
        unwanted = true;
    }
}
