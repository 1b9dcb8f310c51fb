package io.dbbackup.service.verify;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;

/**
 * Where throwaway servers are: a directory of our own in the one that the system property {@code dbbackup.work} names, by
 * default the temporary directory. It can be entered by the user that the servers run as; what is in it is private.
 */
final class SandboxDirectory {
    private SandboxDirectory() {}

    static Path path() {
        String work = System.getProperty("dbbackup.work", System.getProperty("java.io.tmpdir"));
        return Path.of(work).toAbsolutePath().resolve("dbbackup-sandboxes-" + System.getProperty("user.name"));
    }

    /**
     * The directory, made if it is missing.
     *
     * @throws BackupException STORE_NOT_WRITABLE when it cannot be made, or is somebody else's
     */
    static Path ready() {
        Path directory = path();
        try {
            make(directory);
            if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)
                    || !Files.getOwner(directory).getName().equals(System.getProperty("user.name"))) {
                throw new IOException("it is not a directory of our own");
            }
            return directory;
        } catch (IOException e) {
            throw new BackupException(
                    ErrorCode.STORE_NOT_WRITABLE,
                    "the directory " + directory + " for throwaway servers cannot be used: " + e,
                    "Set the system property dbbackup.work to a directory that this server may write to.",
                    e);
        }
    }

    private static void make(Path directory) throws IOException {
        try {
            Files.createDirectory(directory);
            // whatever the umask: the user of the database server must get through
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        } catch (FileAlreadyExistsException e) {
            // from an earlier verification
        }
    }
}
