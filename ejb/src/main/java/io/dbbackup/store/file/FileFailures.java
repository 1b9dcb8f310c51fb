package io.dbbackup.store.file;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.OptionalLong;

/**
 * What an {@code IOException} of the file system means. The text of the operating system is in the language of its
 * locale, so the state of the file system is asked as well.
 */
final class FileFailures {
    private static final long NEARLY_NOTHING = 64 * 1024;

    private final Path root;

    FileFailures(Path root) {
        this.root = root;
    }

    /** @param doing what was tried, as in "writing x" */
    BackupException explain(String doing, IOException failure) {
        String text = failure.getMessage() == null ? failure.toString() : failure.getMessage();
        if (text.contains("quota exceeded")) {
            return new BackupException(
                    ErrorCode.STORE_FULL,
                    doing + " failed: the quota of the store " + root + " is used up",
                    "Raise the quota or let retention delete old backup sets, then restart the run.",
                    failure);
        }
        if (text.contains("No space left")) {
            return full(doing, failure);
        }
        if (failure instanceof AccessDeniedException || text.contains("Permission denied")) {
            return new BackupException(
                    ErrorCode.STORE_NOT_WRITABLE,
                    doing + " failed: the server's user \"" + System.getProperty("user.name")
                            + "\" may not do that in the store " + root,
                    "Give that user read, write and search permission on the directory and everything below it.",
                    failure);
        }
        if (text.contains("Read-only file system") || readOnly()) {
            return new BackupException(
                    ErrorCode.STORE_NOT_WRITABLE,
                    doing + " failed: the file system of the store " + root + " is read-only",
                    "Find out why (a full journal or a disk error makes Linux remount read-only), mount it writable,"
                            + " then restart the run.",
                    failure);
        }
        if (freeBytes().orElse(Long.MAX_VALUE) < NEARLY_NOTHING) {
            return full(doing, failure);
        }
        return new BackupException(
                ErrorCode.STORE_IO,
                doing + " failed in the store " + root + ": " + reason(failure, text),
                "Check the disk or the network mount, then restart the run.",
                failure);
    }

    /** The JDK gives some failures no words but the path. */
    private static String reason(IOException failure, String text) {
        if (failure instanceof FileSystemException f && f.getReason() == null) {
            return failure instanceof NoSuchFileException
                    ? "there is no " + text
                    : failure.getClass().getSimpleName() + " " + text;
        }
        return text;
    }

    private BackupException full(String doing, IOException failure) {
        return new BackupException(
                ErrorCode.STORE_FULL,
                doing + " failed: the file system of the store " + root + " is full",
                "Free space or let retention delete old backup sets, then restart the run.",
                failure);
    }

    OptionalLong freeBytes() {
        try {
            return OptionalLong.of(Files.getFileStore(root).getUsableSpace());
        } catch (IOException e) {
            return OptionalLong.empty();
        }
    }

    private boolean readOnly() {
        try {
            return Files.getFileStore(root).isReadOnly();
        } catch (IOException e) {
            return false;
        }
    }
}
