package io.dbbackup.throwaway;

import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.DirectoryStream;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The directories of throwaway servers under one parent, and the removal of those whose JVM is gone. A killed JVM runs no shutdown
 * hook: so the first server that a JVM makes under a parent sweeps it, and an application server does at start-up. Thread-safe.
 */
public final class ThrowawayDirectories {

    static final String PREFIX = "dbbackup-throwaway-";

    /** A directory without a record of its owner is one whose creation was cut short; this long it may be one in creation. */
    private static final Duration GRACE = Duration.ofHours(1);

    /** Parents that this JVM has swept. */
    private static final Set<Path> SWEPT = ConcurrentHashMap.newKeySet();

    private ThrowawayDirectories() {}

    /**
     * Ends the servers and deletes the directories under {@code parent} whose starting JVM no longer runs. Directories of
     * living JVMs and everything that is not a throwaway directory stay untouched.
     *
     * @return what was removed
     */
    public static List<Path> sweep(Path parent) {
        List<Path> removed = new ArrayList<>();
        if (!Files.isDirectory(parent)) {
            return removed;
        }
        try (DirectoryStream<Path> directories = Files.newDirectoryStream(parent, PREFIX + "*")) {
            for (Path directory : directories) {
                if (isAbandoned(directory)) {
                    OwnerRecord.readFrom(directory).ifPresent(owner -> endServer(directory, owner));
                    delete(directory);
                    removed.add(directory);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return removed;
    }

    /** @param tools directory of the server's programs */
    static Path create(Path parent, ServerUser user, Path tools) {
        try {
            Files.createDirectories(parent);
            Path real = parent.toRealPath();
            user.requireAccess(real);
            sweepOnce(real);
            Path directory = Files.createTempDirectory(real, PREFIX,
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            OwnerRecord.ofThisJvm(tools).writeTo(directory);
            user.own(directory);
            return directory;
        } catch (IOException e) {
            throw new ThrowawayException("cannot create a directory for a throwaway server in " + parent, e);
        }
    }

    private static void sweepOnce(Path parent) {
        if (SWEPT.add(parent)) {
            try {
                sweep(parent);
            } catch (ThrowawayException | UncheckedIOException e) {
                // what somebody else left there must not keep anybody from working; the next JVM tries again
                return;
            }
        }
    }

    /** Deletes a tree without following links; what vanishes meanwhile is no error. */
    static void delete(Path directory) {
        for (int attempt = 1; ; attempt++) {
            try {
                Files.walkFileTree(directory, new Deleter());
                return;
            } catch (NoSuchFileException e) {
                return;
            } catch (IOException e) {
                // A dying server process may still have created a file behind the visitor's back.
                if (attempt == 5) {
                    throw new ThrowawayException("cannot delete " + directory, e);
                }
            }
        }
    }

    private static boolean isAbandoned(Path directory) throws IOException {
        // Anyone may create a directory of this name in /tmp; only ours may tell which program to run.
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS) || !ServerUser.forThisJvm().owns(directory)) {
            return false;
        }
        Optional<OwnerRecord> owner = OwnerRecord.readFrom(directory);
        if (owner.isPresent()) {
            return owner.get().isGone();
        }
        return Files.getLastModifiedTime(directory).toInstant().isBefore(Instant.now().minus(GRACE));
    }

    private static void endServer(Path directory, OwnerRecord owner) {
        MysqlProcess.killLeftOver(directory);
        Path data = directory.resolve("data");
        if (Files.exists(data.resolve("postmaster.pid")) && !owner.tools().isEmpty()) {
            // As the server user: the pid file is that user's word, and root must not signal what it names.
            Subprocess.of(ServerUser.forThisJvm().command(List.of(Path.of(owner.tools(), "pg_ctl").toString(), "stop",
                    "-D", data.toString(), "-m", "immediate", "-w"))).run(new byte[0], OutputStream.nullOutputStream());
        }
    }

    private static final class Deleter extends SimpleFileVisitor<Path> {

        @Override
        public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
            Files.deleteIfExists(file);
            return FileVisitResult.CONTINUE;
        }

        @Override
        public FileVisitResult visitFileFailed(Path file, IOException failure) throws IOException {
            if (failure instanceof NoSuchFileException) {
                return FileVisitResult.CONTINUE;
            }
            throw failure;
        }

        @Override
        public FileVisitResult postVisitDirectory(Path directory, IOException failure) throws IOException {
            Files.deleteIfExists(directory);
            return FileVisitResult.CONTINUE;
        }
    }
}
