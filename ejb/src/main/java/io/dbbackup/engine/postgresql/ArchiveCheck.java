package io.dbbackup.engine.postgresql;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.spi.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Lets pg_restore turn a whole archive into SQL that nobody executes. {@code --list} would not do: it is content with
 * the first half of an archive.
 */
final class ArchiveCheck {
    private static final int BUFFER = 1 << 16;
    /** The program talks to no server. */
    private static final Endpoint NOBODY = new Endpoint(
            "no server", "postgresql", "127.0.0.1", 1, "nobody", Optional::empty, "postgres", Map.of());

    private ArchiveCheck() {}

    static void read(ServerFacts server, InputStream plain, Cancellation cancellation) throws IOException {
        Optional<PgTools> tools = PgTools.reading(PgTools.archiveMajor(server));
        if (tools.isEmpty()) {
            plain.transferTo(OutputStream.nullOutputStream());
            return;
        }
        try (PgProcess restore = PgProcess.startOffline(
                tools.get(), "pg_restore", NOBODY, List.of("--file=/dev/null"), cancellation)) {
            feed(plain, restore.input());
            int status = restore.await();
            if (status != 0) {
                throw new BackupException(
                        ErrorCode.BLOB_UNDECODABLE,
                        "pg_restore " + tools.get().version() + " cannot read the definitions: "
                                + String.join(" | ", restore.messages()),
                        "Rely on another backup set.");
            }
        }
    }

    /** Reads everything, since the digests are checked at the end, even when the program has ended early. */
    private static void feed(InputStream plain, OutputStream program) throws IOException {
        byte[] buffer = new byte[BUFFER];
        boolean reading = true;
        for (int n = plain.read(buffer); n >= 0; n = plain.read(buffer)) {
            reading = reading && write(program, buffer, n);
        }
        close(program);
    }

    private static boolean write(OutputStream program, byte[] buffer, int length) {
        try {
            program.write(buffer, 0, length);
            return true;
        } catch (IOException e) {
            // it has ended: its exit status says why
            return false;
        }
    }

    private static void close(OutputStream program) {
        try {
            program.close();
        } catch (IOException e) {
            // as above: what it had not read yet it did not want
            return;
        }
    }
}
