package io.dbbackup.pipeline;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.Iterator;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveOutputStream;

/** The tar archive of an iterator's members, made while it is read. */
final class BundleSource implements ByteSource {
    /** The same for all, so that equal members give equal bytes; old tars dislike times near 1970. */
    private static final Date MODIFIED = new Date(946_684_800_000L);

    private final Iterator<Bundle.Member> members;
    private final Pieces pieces = new Pieces();
    private final TarArchiveOutputStream tar =
            new TarArchiveOutputStream(pieces, 10_240, StandardCharsets.UTF_8.name());
    private final Tar stream = new Tar();
    private int number;
    private boolean complete;

    BundleSource(Iterator<Bundle.Member> members) {
        this.members = members;
        tar.setLongFileMode(TarArchiveOutputStream.LONGFILE_POSIX);
    }

    @Override
    public InputStream stream() {
        return stream;
    }

    @Override
    public void awaitSuccess() {
        if (!complete) {
            throw new BackupException(
                    ErrorCode.INTERNAL,
                    "a bundle was not read to its end",
                    "This is a defect; please report it with the server log of this run.");
        }
    }

    @Override
    public void close() {
        if (members instanceof AutoCloseable closeable) {
            try {
                closeable.close();
            } catch (RuntimeException e) {
                throw e;
            } catch (Exception e) {
                throw new IllegalStateException("the members of a bundle could not be closed", e);
            }
        }
    }

    /** @return false when there is nothing more to come */
    private boolean nextPiece() throws IOException {
        pieces.reset();
        while (pieces.size() == 0 && !complete) {
            if (members.hasNext()) {
                append(members.next());
            } else {
                tar.finish();
                tar.close();
                complete = true;
            }
        }
        return pieces.size() > 0;
    }

    private void append(Bundle.Member member) throws IOException {
        Bundle.check(member, ++number);
        TarArchiveEntry entry = new TarArchiveEntry(member.name());
        entry.setSize(member.bytes().length);
        entry.setMode(TarArchiveEntry.DEFAULT_FILE_MODE & ~0777 | 0600);
        entry.setModTime(MODIFIED);
        entry.setIds(0, 0);
        entry.setNames("", "");
        tar.putArchiveEntry(entry);
        tar.write(member.bytes());
        tar.closeArchiveEntry();
    }

    /** A buffer whose bytes can be taken without a copy of all of them. */
    private static final class Pieces extends ByteArrayOutputStream {
        int copy(int from, byte[] target, int offset, int length) {
            int copied = Math.min(length, count - from);
            System.arraycopy(buf, from, target, offset, copied);
            return copied;
        }
    }

    /** Hands out the pieces. */
    private final class Tar extends InputStream {
        private int position;

        @Override
        public int read() throws IOException {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) throws IOException {
            if (length == 0) {
                return 0;
            }
            if (position == pieces.size()) {
                position = 0;
                if (!nextPiece()) {
                    return -1;
                }
            }
            int copied = pieces.copy(position, target, offset, length);
            position += copied;
            return copied;
        }
    }
}
