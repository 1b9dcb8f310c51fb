package io.dbbackup.store.sftp;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.function.BooleanSupplier;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.sftp.client.extensions.openssh.OpenSSHStatExtensionInfo;
import org.apache.sshd.sftp.common.SftpConstants;

/**
 * The requests of version 3, one after the other. Files and directories get their permissions with the request that
 * creates them, so that there is no instant at which others could open them.
 */
final class RemoteFiles {
    private static final String HARD_LINK = "hardlink@openssh.com";
    private static final String SYNC = "fsync@openssh.com";
    private static final String FREE_SPACE = "statvfs@openssh.com";
    private static final int FILE = 0600;
    private static final int DIRECTORY = 0700;

    private final Wire wire;
    private final BooleanSupplier stop;

    /** @param stop makes whoever waits for an answer give up, with a {@link StoppedException} */
    RemoteFiles(Wire wire, BooleanSupplier stop) {
        this.wire = wire;
        this.stop = stop;
    }

    RemoteFiles(Wire wire) {
        this(wire, () -> false);
    }

    /** Creates a file that does not exist, for writing. */
    byte[] create(String path) throws IOException {
        int flags = SftpConstants.SSH_FXF_WRITE | SftpConstants.SSH_FXF_CREAT | SftpConstants.SSH_FXF_EXCL;
        return handle(SftpConstants.SSH_FXP_OPEN, permissions(path(path).number(flags), FILE));
    }

    /** Opens a file that exists, for writing. */
    byte[] reopen(String path) throws IOException {
        return handle(SftpConstants.SSH_FXP_OPEN, path(path).number(SftpConstants.SSH_FXF_WRITE).number(0));
    }

    byte[] openForReading(String path) throws IOException {
        return handle(SftpConstants.SSH_FXP_OPEN, path(path).number(SftpConstants.SSH_FXF_READ).number(0));
    }

    byte[] openDirectory(String path) throws IOException {
        return handle(SftpConstants.SSH_FXP_OPENDIR, path(path));
    }

    private byte[] handle(int command, Request request) throws IOException {
        return Wire.expect(call(command, request), SftpConstants.SSH_FXP_HANDLE).getBytes();
    }

    void close(byte[] handle) throws IOException {
        ok(SftpConstants.SSH_FXP_CLOSE, new Request().bytes(handle));
    }

    /** Makes the bytes of a file durable, where the server can. */
    void sync(byte[] handle) throws IOException {
        if (wire.has(SYNC)) {
            ok(SftpConstants.SSH_FXP_EXTENDED, path(SYNC).bytes(handle));
        }
    }

    /** Sets the length of an open file. */
    void truncate(byte[] handle, long length) throws IOException {
        Request request = new Request().bytes(handle).number(SftpConstants.SSH_FILEXFER_ATTR_SIZE);
        request.putLong(length);
        ok(SftpConstants.SSH_FXP_FSETSTAT, request);
    }

    void makeDirectory(String path) throws IOException {
        ok(SftpConstants.SSH_FXP_MKDIR, permissions(path(path), DIRECTORY));
    }

    void removeDirectory(String path) throws IOException {
        ok(SftpConstants.SSH_FXP_RMDIR, path(path));
    }

    /** Sets the permission bits of a file. */
    void permit(String path, int permissions) throws IOException {
        ok(SftpConstants.SSH_FXP_SETSTAT, permissions(path(path), permissions));
    }

    void remove(String path) throws IOException {
        ok(SftpConstants.SSH_FXP_REMOVE, path(path));
    }

    /** @return false when there was none */
    boolean removeIfThere(String path) throws IOException {
        try {
            remove(path);
            return true;
        } catch (StatusException e) {
            if (e.missing()) {
                return false;
            }
            throw e;
        }
    }

    /** By the protocol it is an error when the new name is taken. */
    void rename(String from, String to) throws IOException {
        ok(SftpConstants.SSH_FXP_RENAME, path(from).text(to));
    }

    boolean canLink() {
        return wire.has(HARD_LINK);
    }

    /** Gives a file a second name that nothing has yet. */
    void link(String from, String to) throws IOException {
        ok(SftpConstants.SSH_FXP_EXTENDED, path(HARD_LINK).text(from).text(to));
    }

    /** What is there under that name, not following a symbolic link. */
    Optional<RemoteFile> look(String path) throws IOException {
        return attributes(SftpConstants.SSH_FXP_LSTAT, path);
    }

    /** What is there under that name, following symbolic links. */
    Optional<RemoteFile> follow(String path) throws IOException {
        return attributes(SftpConstants.SSH_FXP_STAT, path);
    }

    private Optional<RemoteFile> attributes(int command, String path) throws IOException {
        try {
            return Optional.of(RemoteFile.read(Wire.expect(call(command, path(path)), SftpConstants.SSH_FXP_ATTRS)));
        } catch (StatusException e) {
            if (e.missing()) {
                return Optional.empty();
            }
            throw e;
        }
    }

    /** What a file system has left. */
    record Space(long freeBytes, boolean readOnly) {}

    /** Empty where the server has no such notion. */
    Optional<Space> space(String path) throws IOException {
        if (!wire.has(FREE_SPACE)) {
            return Optional.empty();
        }
        Buffer answer = Wire.expect(
                call(SftpConstants.SSH_FXP_EXTENDED, path(FREE_SPACE).text(path)),
                SftpConstants.SSH_FXP_EXTENDED_REPLY);
        OpenSSHStatExtensionInfo info = new OpenSSHStatExtensionInfo(answer);
        return Optional.of(new Space(
                info.f_bavail * info.f_frsize,
                (info.f_flag & OpenSSHStatExtensionInfo.SSH_FXE_STATVFS_ST_RDONLY) != 0));
    }

    Wire.Answer call(int command, Buffer request) throws IOException {
        return wire.await(wire.send(command, request), stop);
    }

    private void ok(int command, Buffer request) throws IOException {
        Wire.expect(call(command, request), SftpConstants.SSH_FXP_STATUS);
    }

    private static Request path(String path) {
        return new Request().text(path);
    }

    private static Request permissions(Request request, int permissions) {
        return request.number(SftpConstants.SSH_FILEXFER_ATTR_PERMISSIONS).number(permissions);
    }

    /** A request under construction. */
    private static final class Request extends ByteArrayBuffer {
        Request text(String path) {
            putString(path, StandardCharsets.UTF_8);
            return this;
        }

        Request number(int value) {
            putInt(Integer.toUnsignedLong(value));
            return this;
        }

        Request bytes(byte[] bytes) {
            putBytes(bytes);
            return this;
        }
    }
}
