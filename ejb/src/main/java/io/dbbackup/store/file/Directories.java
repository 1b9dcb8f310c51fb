package io.dbbackup.store.file;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryNotEmptyException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** Makes, syncs and removes directories below a root. */
final class Directories {
    private final Path root;
    private final FileAttribute<?>[] ownerOnly;

    Directories(Path root) {
        this.root = root;
        this.ownerOnly = ownerOnly(root, "rwx------");
    }

    /** A permission that a file has from its first instant on; nothing where the file system knows none. */
    static FileAttribute<?>[] ownerOnly(Path where, String permissions) {
        if (!where.getFileSystem().supportedFileAttributeViews().contains("posix")) {
            return new FileAttribute<?>[0];
        }
        FileAttribute<Set<PosixFilePermission>> attribute =
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
        return new FileAttribute<?>[] {attribute};
    }

    /** Makes what is missing between the root and the directory, durably; the root itself must exist. */
    void make(Path directory) throws IOException {
        if (directory.equals(root) || Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return;
        }
        make(directory.getParent());
        makeOne(directory);
    }

    /** @throws NoSuchFileException when it was there and is not any more: to be tried again */
    void makeOne(Path directory) throws IOException {
        try {
            Files.createDirectory(directory, ownerOnly);
            sync(directory.getParent());
        } catch (FileAlreadyExistsException e) {
            // fails when a deletion found it empty and removed it between our two looks
            if (!Files.readAttributes(directory, BasicFileAttributes.class).isDirectory()) {
                throw e;
            }
        }
    }

    /** Removes the directory and its parents as far as they are empty, never the root. */
    void removeEmpty(Path directory) {
        try {
            for (Path each = directory; !each.equals(root); each = each.getParent()) {
                try {
                    Files.delete(each);
                } catch (NoSuchFileException e) {
                    // somebody else removed it: its parent may be empty now
                }
            }
        } catch (DirectoryNotEmptyException e) {
            // it is in use
        } catch (IOException e) {
            // an empty directory does no harm: it shows nowhere and the next deletion tries again
        }
    }

    /** Makes what happened in the directory survive a power failure. */
    static void sync(Path directory) throws IOException {
        try (FileChannel channel = FileChannel.open(directory, StandardOpenOption.READ)) {
            channel.force(true);
        }
    }
}
