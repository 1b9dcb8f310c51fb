package io.dbbackup.store.sftp;

import java.time.Instant;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.sftp.common.SftpConstants;

/**
 * What the server says of a file.
 *
 * @param mode type and permissions as Unix has them
 * @param bytes size
 * @param modified to the second
 */
record RemoteFile(int mode, long bytes, Instant modified) {
    private static final int TYPE = 0170000;
    private static final int DIRECTORY = 0040000;
    private static final int REGULAR = 0100000;
    private static final int OTHERS_WRITE = 02;

    static RemoteFile read(Buffer buffer) {
        int flags = buffer.getInt();
        long bytes = has(flags, SftpConstants.SSH_FILEXFER_ATTR_SIZE) ? buffer.getLong() : 0;
        if (has(flags, SftpConstants.SSH_FILEXFER_ATTR_UIDGID)) {
            buffer.getInt();
            buffer.getInt();
        }
        int mode = has(flags, SftpConstants.SSH_FILEXFER_ATTR_PERMISSIONS) ? buffer.getInt() : 0;
        long modified = 0;
        if (has(flags, SftpConstants.SSH_FILEXFER_ATTR_ACMODTIME)) {
            buffer.getInt();
            modified = buffer.getUInt();
        }
        if (has(flags, SftpConstants.SSH_FILEXFER_ATTR_EXTENDED)) {
            for (int left = buffer.getInt(); left > 0; left--) {
                buffer.getBytes();
                buffer.getBytes();
            }
        }
        return new RemoteFile(mode, bytes, Instant.ofEpochSecond(modified));
    }

    private static boolean has(int flags, int flag) {
        return (flags & flag) != 0;
    }

    boolean isDirectory() {
        return (mode & TYPE) == DIRECTORY;
    }

    boolean isRegular() {
        return (mode & TYPE) == REGULAR;
    }

    boolean othersMayWrite() {
        return (mode & OTHERS_WRITE) != 0;
    }

    int permissions() {
        return mode & 0777;
    }
}
