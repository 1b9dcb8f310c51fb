package io.dbbackup.store.sftp;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.io.IOException;
import java.util.Optional;
import org.apache.sshd.sftp.common.SftpConstants;

/**
 * What a failure means. Version 3 of the protocol has one status, FAILURE, for a full disk, a read-only one and most of
 * the rest, so the state of the file system is asked as well.
 */
final class SftpFailures {
    private static final long NEARLY_NOTHING = 256 * 1024;

    private final SftpSettings settings;
    private final Connections connections;

    SftpFailures(SftpSettings settings, Connections connections) {
        this.settings = settings;
        this.connections = connections;
    }

    /** @param doing what was tried, as in "writing x" */
    BackupException explain(String doing, IOException e) {
        if (e instanceof StoppedException) {
            return new BackupException(
                    ErrorCode.CANCELLED, doing + " was stopped", "Restart the run to continue with what is left.", e);
        }
        if (e instanceof ConnectionLostException) {
            return failure(ErrorCode.STORE_UNREACHABLE, doing, e.getMessage(),
                    "Check the network and the log of the server, then restart the run.", e);
        }
        return e instanceof StatusException refused ? refused(doing, refused) : failure(
                ErrorCode.STORE_IO, doing, String.valueOf(e.getMessage()), "Look at the log of the server.", e);
    }

    private BackupException refused(String doing, StatusException e) {
        return switch (e.status()) {
            case SftpConstants.SSH_FX_PERMISSION_DENIED -> failure(ErrorCode.STORE_ACCESS_DENIED, doing,
                    "the user " + settings.user() + " may not do that there",
                    "Give that user read, write and search permission on the directory and everything below it.", e);
            case SftpConstants.SSH_FX_WRITE_PROTECT -> readOnly(doing, e);
            case SftpConstants.SSH_FX_NO_SPACE_ON_FILESYSTEM -> full(doing, "its file system is full", e);
            case SftpConstants.SSH_FX_QUOTA_EXCEEDED -> full(doing, "the quota is used up", e);
            default -> unspecific(doing, e);
        };
    }

    private BackupException unspecific(String doing, StatusException e) {
        Optional<RemoteFiles.Space> space = Optional.empty();
        try {
            space = connections.call(files -> files.space(settings.path()));
        } catch (IOException | BackupException asked) {
            e.addSuppressed(asked);
        }
        if (space.filter(RemoteFiles.Space::readOnly).isPresent()) {
            return readOnly(doing, e);
        }
        if (space.filter(left -> left.freeBytes() < NEARLY_NOTHING).isPresent()) {
            return full(doing, "its file system is full", e);
        }
        return failure(ErrorCode.STORE_IO, doing, e.getMessage(),
                "The server does not say why: look at its log, at the quota of the user and at its disk.", e);
    }

    private BackupException full(String doing, String why, Exception e) {
        return failure(ErrorCode.STORE_FULL, doing, why,
                "Free space, raise the quota, or let retention delete old backup sets, then restart the run.", e);
    }

    private BackupException readOnly(String doing, Exception e) {
        return failure(ErrorCode.STORE_NOT_WRITABLE, doing, "its file system is read-only",
                "Find out why (a disk error makes Linux remount read-only), mount it writable, then restart the run.", e);
    }

    BackupException failure(ErrorCode code, String doing, String why, String remedy, Exception origin) {
        return new BackupException(
                code, doing + " failed in the store " + settings.location() + ": " + why, remedy, origin);
    }

    BackupException exists(String name, Exception origin) {
        return new BackupException(
                ErrorCode.BLOB_EXISTS,
                "a blob " + name + " exists already in the store " + settings.location(),
                "Blobs are never replaced; a new backup run uses new names.",
                origin);
    }

    BackupException noRoot() {
        return new BackupException(
                ErrorCode.STORE_MISSING,
                "the directory of the store " + settings.location() + " does not exist on the server",
                "Mount its file system there, make the directory, or correct the store's path.");
    }
}
