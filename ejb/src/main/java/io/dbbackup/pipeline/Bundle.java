package io.dbbackup.pipeline;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.HashSet;
import java.util.Iterator;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;

/**
 * Many small members in one blob: a POSIX tar archive of regular files, so that a thousand small tables do not become a
 * thousand blobs.
 */
public final class Bundle {
    /** Largest member in bytes: a member is held in memory, because tar wants its size before its bytes. */
    public static final int MAX_MEMBER_BYTES = 8 * 1024 * 1024;
    /** Largest number of members. */
    public static final int MAX_MEMBERS = 10_000;

    /** As a name of a blob: segments of at most 200 harmless characters, none of them {@code .} or {@code ..}. */
    private static final Pattern NAME = Pattern.compile("(?!\\.{1,2}(/|$))[A-Za-z0-9._-]{1,200}"
            + "(/(?!\\.{1,2}(/|$))[A-Za-z0-9._-]{1,200}){0,7}");

    private Bundle() {}

    /**
     * A member.
     *
     * @param name path inside the bundle, unique in it
     * @param bytes at most {@value Bundle#MAX_MEMBER_BYTES}
     */
    public record Member(String name, byte[] bytes) {}

    /**
     * A source that asks for one member after the other while it is read: {@code next()} may well be what runs the
     * {@code COPY}, and an exception that it throws ends the transfer. Only one member is in memory at a time. Closing
     * the source closes the iterator if that is {@link AutoCloseable}.
     */
    public static ByteSource of(Iterator<Member> members) {
        return new BundleSource(members);
    }

    /** Reads what is to become a member to its end; empty when it has more than {@value #MAX_MEMBER_BYTES} bytes. */
    public static Optional<byte[]> bytes(InputStream in) throws IOException {
        byte[] bytes = in.readNBytes(MAX_MEMBER_BYTES + 1);
        if (bytes.length > MAX_MEMBER_BYTES) {
            in.transferTo(OutputStream.nullOutputStream());
            return Optional.empty();
        }
        return Optional.of(bytes);
    }

    /**
     * Hands every member's name and bytes to the consumer, in the order of the bundle, and reads {@code in} to its very
     * end, so that the checks behind that stream take place; closes nothing. Bytes that the consumer leaves are skipped.
     *
     * @throws BackupException BLOB_UNDECODABLE when the bytes are not a bundle within the limits of this class, or of
     *     the stream or the consumer
     */
    public static void read(InputStream in, BiConsumer<String, InputStream> each) {
        Set<String> seen = new HashSet<>();
        try {
            @SuppressWarnings("resource") // closing it would close the caller's stream
            TarArchiveInputStream tar = new TarArchiveInputStream(in, "UTF-8");
            for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
                each.accept(checkedName(entry, seen), new MemberBytes(tar));
            }
            byte[] rest = new byte[8192];
            while (in.read(rest) >= 0) {
                // tar's padding
            }
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable(e);
        }
    }

    private static BackupException unreadable(Exception e) {
        return new BackupException(
                ErrorCode.BLOB_UNDECODABLE,
                "a bundle is not a readable tar archive: " + e.getMessage(),
                "Use another backup set; this one is damaged.",
                e);
    }

    private static String checkedName(TarArchiveEntry entry, Set<String> seen) {
        String name = entry.getName();
        String flaw = flawOf(entry, seen);
        if (!flaw.isEmpty()) {
            throw new BackupException(
                    ErrorCode.BLOB_UNDECODABLE,
                    "the bundle's member \"" + name + "\" " + flaw,
                    "No version of dbbackup writes such a bundle; use another backup set.");
        }
        return name;
    }

    private static String flawOf(TarArchiveEntry entry, Set<String> seen) {
        if (!entry.isFile() || entry.isSymbolicLink() || entry.isLink() || entry.isSparse()) {
            return "is not a regular file";
        }
        if (!NAME.matcher(entry.getName()).matches()) {
            return "has an illegal name";
        }
        if (entry.getSize() > MAX_MEMBER_BYTES) {
            return "has " + entry.getSize() + " bytes, more than the " + MAX_MEMBER_BYTES + " allowed";
        }
        if (!seen.add(entry.getName())) {
            return "occurs twice";
        }
        return seen.size() > MAX_MEMBERS ? "is one of more than " + MAX_MEMBERS : "";
    }

    /** @throws BackupException INTERNAL when the member breaks the limits that readers enforce */
    static void check(Member member, int number) {
        if (!NAME.matcher(member.name()).matches()
                || member.bytes().length > MAX_MEMBER_BYTES
                || number > MAX_MEMBERS) {
            throw new BackupException(
                    ErrorCode.INTERNAL,
                    "the member \"" + member.name() + "\" of " + member.bytes().length + " bytes, number " + number
                            + ", does not fit into a bundle (" + MAX_MEMBERS + " members of " + MAX_MEMBER_BYTES
                            + " bytes)",
                    "This is a defect; please report it with the server log of this run.");
        }
    }

    /** A member's bytes: a consumer that closes them must not close the archive, nor take its damage for its own. */
    private static final class MemberBytes extends InputStream {
        private final TarArchiveInputStream tar;

        MemberBytes(TarArchiveInputStream tar) {
            this.tar = tar;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            try {
                return tar.read(target, offset, length);
            } catch (IOException e) {
                throw unreadable(e);
            }
        }
    }
}
