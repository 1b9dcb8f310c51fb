package io.dbbackup.store.file;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;

/**
 * Is the root of a store there, and is it the right one? A mount that is missing looks like an empty directory; writing
 * on would fill the wrong disk, and reading on would report every backup as lost.
 */
final class RootCheck {
    private final Path root;
    private final boolean requireMount;
    private final Directories directories;
    private final FileFailures failures;

    RootCheck(Path root, boolean requireMount, Directories directories, FileFailures failures) {
        this.root = root;
        this.requireMount = requireMount;
        this.directories = directories;
        this.failures = failures;
    }

    /** @throws BackupException STORE_UNREACHABLE when the directory or its mount is missing */
    void present() {
        if (!Files.isDirectory(root)) {
            throw unreachable("the directory of the store, " + root + ", does not exist");
        }
        if (requireMount && onSystemDisk()) {
            throw unreachable("nothing is mounted at or above the directory of the store, " + root);
        }
    }

    /** As {@link #present()}, but makes the last directory of the path when only that is missing. */
    void usable() {
        Path parent = root.getParent();
        if (!Files.exists(root) && parent != null && Files.isDirectory(parent)) {
            try {
                directories.makeOne(root);
            } catch (IOException e) {
                throw failures.explain("making the directory", e);
            }
        }
        present();
    }

    /** @throws BackupException also STORE_NOT_WRITABLE when everybody on this machine may change the backups */
    void trustworthy() {
        usable();
        try {
            if (Files.getFileStore(root).supportsFileAttributeView("posix")
                    && Files.getPosixFilePermissions(root).contains(PosixFilePermission.OTHERS_WRITE)) {
                throw new BackupException(
                        ErrorCode.STORE_NOT_WRITABLE,
                        "the directory of the store, " + root + ", is writable by every user of this machine",
                        "Run: chmod o-w " + root + " (for a CIFS or FAT mount set dir_mode or umask).");
            }
        } catch (IOException e) {
            throw failures.explain("looking at the directory", e);
        }
    }

    private boolean onSystemDisk() {
        try {
            return Files.getAttribute(root, "unix:dev").equals(Files.getAttribute(root.getRoot(), "unix:dev"));
        } catch (IOException e) {
            throw failures.explain("looking at the directory", e);
        } catch (UnsupportedOperationException | IllegalArgumentException e) {
            return false;
        }
    }

    private BackupException unreachable(String what) {
        return new BackupException(
                ErrorCode.STORE_UNREACHABLE, what, "Mount the file system of the store, or correct the store's path.");
    }
}
