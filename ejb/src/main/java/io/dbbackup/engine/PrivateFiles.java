package io.dbbackup.engine;

import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;

/**
 * Temporary files of this process: passwords for the programs of databases, definitions, lists. They are 0600 in a
 * directory (0700) that belongs to this process alone. Whoever makes a file deletes it; a killed process cannot, so the
 * next one {@linkplain #sweep() sweeps} what is left, in particular every password.
 *
 * <p>That a process lives is told by a lock that it holds on a file of its directory: the kernel lets go of it however the
 * process ends, and nobody is misled by a process id that is used again (in a container it is always the same one).
 * Thread-safe.
 */
public final class PrivateFiles {
    private static final String PREFIX = "process-";
    private static final String LOCK = "lock";
    /** A directory that nobody has locked yet may be one in creation. */
    private static final Duration CREATION = Duration.ofHours(1);

    private static final PrivateFiles OF_THIS_SERVER = new PrivateFiles(base());

    private final Path base;
    private Path own;
    private FileChannel lock;

    /** @param base directory of the directories of all processes; its parent exists */
    PrivateFiles(Path base) {
        this.base = base;
    }

    /**
     * Those of the server that this code runs in: below its own directory for temporary files, which nobody else uses. In
     * any other program, a test for example, below {@code java.io.tmpdir}.
     */
    public static PrivateFiles ofThisServer() {
        return OF_THIS_SERVER;
    }

    private static Path base() {
        String server = System.getProperty("jboss.server.temp.dir");
        return server != null
                ? Path.of(server, "dbbackup-private")
                : Path.of(System.getProperty("java.io.tmpdir"), "dbbackup-private-" + System.getProperty("user.name"));
    }

    /**
     * Makes an empty file, readable and writable for its owner only. The caller deletes it.
     *
     * @throws IOException also when the directory is not this user's own
     */
    public Path create(String prefix, String suffix) throws IOException {
        return Files.createTempFile(own(), prefix, suffix, mode("rw-------"));
    }

    /**
     * Deletes the files of processes that have ended without doing so.
     *
     * @return the directories that were deleted
     * @throws IOException when one could not be deleted
     */
    public synchronized List<Path> sweep() throws IOException {
        List<Path> removed = new ArrayList<>();
        if (!Files.isDirectory(base, LinkOption.NOFOLLOW_LINKS)) {
            return removed;
        }
        requireOurs();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(base, PREFIX + "*")) {
            for (Path process : processes) {
                // opening and closing the file of our own lock would release it
                if (!process.equals(own) && isAbandoned(process)) {
                    delete(process);
                    removed.add(process);
                }
            }
        }
        return removed;
    }

    private synchronized Path own() throws IOException {
        if (own == null || !Files.isDirectory(own)) {
            try {
                Files.createDirectory(base, mode("rwx------"));
            } catch (FileAlreadyExistsException e) {
                requireOurs();
            }
            Path directory = Files.createTempDirectory(base, PREFIX, mode("rwx------"));
            // locked before it has its name, so that no sweep sees it unlocked
            Path unnamed = directory.resolve(LOCK + ".new");
            Path named = directory.resolve(LOCK);
            lock = FileChannel.open(
                    unnamed, Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE), mode("rw-------"));
            lock.lock();
            Files.move(unnamed, named, StandardCopyOption.ATOMIC_MOVE);
            directory.toFile().deleteOnExit();
            named.toFile().deleteOnExit(); // the last one registered goes first
            own = directory;
        }
        return own;
    }

    /** Anyone may make a directory of this name in /tmp. */
    private void requireOurs() throws IOException {
        if (!Files.isDirectory(base, LinkOption.NOFOLLOW_LINKS)
                || !Files.getOwner(base, LinkOption.NOFOLLOW_LINKS).getName().equals(System.getProperty("user.name"))) {
            throw new IOException(base + " is not a directory of the user " + System.getProperty("user.name"));
        }
    }

    private static boolean isAbandoned(Path process) throws IOException {
        try (FileChannel held = FileChannel.open(process.resolve(LOCK), StandardOpenOption.WRITE);
                FileLock free = held.tryLock()) {
            return free != null;
        } catch (OverlappingFileLockException e) {
            return false; // held by another deployment in this process
        } catch (NoSuchFileException e) {
            return Files.isDirectory(process, LinkOption.NOFOLLOW_LINKS)
                    && Files.getLastModifiedTime(process).toInstant().isBefore(Instant.now().minus(CREATION));
        }
    }

    private static void delete(Path process) throws IOException {
        try (DirectoryStream<Path> files = Files.newDirectoryStream(process)) {
            for (Path file : files) {
                Files.deleteIfExists(file);
            }
        }
        Files.deleteIfExists(process);
    }

    private static FileAttribute<Set<PosixFilePermission>> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }
}
