package io.dbbackup.rest.report;

import jakarta.ws.rs.core.StreamingOutput;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A body that is complete before anything of it is sent, however long it is: what fails while it is made is a problem, where a body that is
 * made while it is sent would end early under the status 200, and nobody could tell that it lacks the rest. It is in a file that has no
 * name any more, which goes with the answer. For one thread and one answer.
 */
final class Spooled implements StreamingOutput {
    private final FileChannel file;

    private Spooled(FileChannel file) {
        this.file = file;
    }

    /** Writes a body. */
    @FunctionalInterface
    interface Body {
        void write(OutputStream out) throws IOException;
    }

    /** @throws UncheckedIOException when there is no room for it; what the body throws otherwise */
    static Spooled of(Body body) {
        try {
            Path path = Files.createTempFile("dbbackup-answer-", "");
            FileChannel file = FileChannel.open(
                    path, StandardOpenOption.READ, StandardOpenOption.WRITE, StandardOpenOption.DELETE_ON_CLOSE);
            try {
                OutputStream out = open(file);
                body.write(out);
                out.flush();
                return new Spooled(file);
            } catch (Throwable e) {
                // an Error, too: nobody else closes it
                try {
                    file.close();
                } catch (IOException closing) {
                    e.addSuppressed(closing);
                }
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Stays open when it is closed, since the file must. */
    private static OutputStream open(FileChannel file) {
        return new BufferedOutputStream(Channels.newOutputStream(file)) {
            @Override
            public void close() throws IOException {
                flush();
            }
        };
    }

    @Override
    public void write(OutputStream out) throws IOException {
        try (file) {
            file.position(0);
            Channels.newInputStream(file).transferTo(out);
        }
    }
}
