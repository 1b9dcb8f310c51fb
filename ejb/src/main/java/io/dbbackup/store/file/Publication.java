package io.dbbackup.store.file;

import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Gives a finished temporary file its final name in the same directory, unless that name is taken. Thread-safe. */
interface Publication {
    /** @throws FileAlreadyExistsException when the name is taken; the temporary file is still there then */
    void publish(Path temporary, Path target) throws IOException;

    /** True when the kernel itself refuses a taken name, whoever else writes. */
    boolean atomicCreateOnly();

    /**
     * By a hard link: atomic, and unlike a rename it never replaces. The temporary name is removed afterwards; a crash
     * in between leaves a second name of the same file, which the sweep removes.
     */
    final class Link implements Publication {
        @Override
        public void publish(Path temporary, Path target) throws IOException {
            Files.createLink(target, temporary);
            try {
                Files.deleteIfExists(temporary);
            } catch (IOException e) {
                // published is published; the sweep removes the other name
            }
        }

        @Override
        public boolean atomicCreateOnly() {
            return true;
        }
    }

    /**
     * By an atomic rename after a look, for file systems without hard links (FAT, some CIFS and FUSE mounts). The look
     * protects against writers of this JVM, by a lock per name, but not against those of another node.
     */
    final class Rename implements Publication {
        private static final Set<Path> BUSY = ConcurrentHashMap.newKeySet();

        @Override
        public void publish(Path temporary, Path target) throws IOException {
            if (!BUSY.add(target)) {
                throw new FileAlreadyExistsException(target.toString());
            }
            try {
                if (Files.exists(target, LinkOption.NOFOLLOW_LINKS)) {
                    throw new FileAlreadyExistsException(target.toString());
                }
                Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
            } finally {
                BUSY.remove(target);
            }
        }

        @Override
        public boolean atomicCreateOnly() {
            return false;
        }
    }

    /** Finds out by trying, in a directory that is writable, which way its file system supports. */
    static Publication supportedIn(Path directory) throws IOException {
        Path one = Files.createFile(directory.resolve(BlobNames.temporary()), Directories.ownerOnly(directory, "rw-------"));
        Path two = directory.resolve(BlobNames.temporary());
        try {
            Files.createLink(two, one);
            return new Link();
        } catch (IOException | UnsupportedOperationException e) {
            return new Rename();
        } finally {
            Files.deleteIfExists(two);
            Files.deleteIfExists(one);
        }
    }
}
