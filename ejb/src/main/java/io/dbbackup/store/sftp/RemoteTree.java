package io.dbbackup.store.sftp;

import io.dbbackup.store.BlobNames;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.sshd.common.util.buffer.Buffer;
import org.apache.sshd.common.util.buffer.ByteArrayBuffer;
import org.apache.sshd.sftp.common.SftpConstants;

/**
 * Directories below the root of a store. What vanishes meanwhile is not there; symbolic links are neither followed nor
 * blobs; only one path from the root down is held in memory.
 */
final class RemoteTree {
    /** The tilde is in no name of a blob, so that no blob can ever look like a leftover or the other way round. */
    private static final String TEMPORARY = ".part~";

    private final RemoteFiles files;
    private final String root;

    RemoteTree(RemoteFiles files, String root) {
        this.files = files;
        this.root = root;
    }

    static String temporary(String id) {
        return TEMPORARY + id;
    }

    static boolean isTemporary(String segment) {
        return segment.startsWith(TEMPORARY);
    }

    /** Path of the directory that a path is in. */
    static String parent(String path) {
        return path.substring(0, Math.max(0, path.lastIndexOf('/')));
    }

    /** Takes a file or directory: its path, its last segment, what it is. False ends the walk. */
    @FunctionalInterface
    interface Visitor {
        boolean visit(String path, String segment, RemoteFile file) throws IOException;
    }

    /**
     * Calls {@code each} for every regular file below a directory, blobs and temporary ones.
     *
     * @return false when {@code each} has ended it
     */
    boolean walk(String directory, Visitor each) throws IOException {
        return entries(directory, (path, segment, file) -> {
            if (file.isDirectory()) {
                return !BlobNames.isName(segment) || walk(path, each);
            }
            return !file.isRegular() || each.visit(path, segment, file);
        });
    }

    boolean holdsBlob(String directory) throws IOException {
        return !walk(directory, (path, segment, file) -> !BlobNames.isName(segment));
    }

    /** Calls {@code each} for what is directly in a directory; a missing one is empty. */
    boolean entries(String directory, Visitor each) throws IOException {
        byte[] handle;
        try {
            handle = files.openDirectory(directory);
        } catch (StatusException e) {
            if (e.missing()) {
                return true;
            }
            throw e;
        }
        try {
            while (true) {
                Wire.Answer answer = files.call(SftpConstants.SSH_FXP_READDIR, request(handle));
                Buffer names = Wire.expect(answer, SftpConstants.SSH_FXP_NAME);
                for (int left = names.getInt(); left > 0; left--) {
                    String segment = names.getString(StandardCharsets.UTF_8);
                    names.getBytes(); // the same as ls -l shows it
                    RemoteFile file = RemoteFile.read(names);
                    boolean ours = BlobNames.isName(segment) || isTemporary(segment);
                    if (ours && segment.indexOf('/') < 0 && !each.visit(directory + "/" + segment, segment, file)) {
                        return false;
                    }
                }
            }
        } catch (StatusException e) {
            if (e.status() == SftpConstants.SSH_FX_EOF) {
                return true;
            }
            throw e;
        } finally {
            closeQuietly(handle);
        }
    }

    private void closeQuietly(byte[] handle) throws IOException {
        try {
            files.close(handle);
        } catch (StatusException e) {
            // it was only read
        }
    }

    private static Buffer request(byte[] handle) {
        Buffer request = new ByteArrayBuffer();
        request.putBytes(handle);
        return request;
    }

    /** Makes what is missing from the root down to a directory; of the root itself at most the last segment. */
    void make(String directory) throws IOException {
        Optional<RemoteFile> found = there(directory);
        if (found.isPresent() && !found.get().isDirectory()) {
            throw new StatusException(SftpConstants.SSH_FX_FILE_ALREADY_EXISTS, "a directory has the name of a file");
        }
        if (found.isPresent()) {
            return;
        }
        if (directory.length() > root.length()) {
            make(parent(directory));
        }
        try {
            files.makeDirectory(directory);
        } catch (StatusException e) {
            // somebody else was faster, or it cannot be made
            if (there(directory).filter(RemoteFile::isDirectory).isEmpty()) {
                throw e;
            }
        }
    }

    /** The root may be a symbolic link, what is below it not. */
    private Optional<RemoteFile> there(String directory) throws IOException {
        return directory.equals(root) ? files.follow(directory) : files.look(directory);
    }

    /** Removes the directory and its parents as far as they are empty, never the root. */
    void removeEmpty(String directory) throws IOException {
        for (String each = directory; each.length() > root.length(); each = parent(each)) {
            try {
                files.removeDirectory(each);
            } catch (StatusException e) {
                if (!e.missing()) {
                    return; // it is in use; an empty directory does no harm either
                }
            }
        }
    }
}
