package io.dbbackup.cli.demo;

import io.dbbackup.cli.client.ApiException;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;

/** Where everything of one demo is, for one demo at a time; only its logs outlive a failure. */
final class DemoDirectory {
    private final Path root;
    private final Path failure;
    private final FileLock lock;

    private DemoDirectory(Path root, Path failure, FileLock lock) {
        this.root = root;
        this.failure = failure;
        this.lock = lock;
    }

    /** @throws ApiException when another demo uses it, or it cannot be made */
    static DemoDirectory claim(Path work) {
        try {
            Files.createDirectories(work);
            FileChannel channel = FileChannel.open(
                    work.resolve("demo.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            Optional<FileLock> lock = lock(channel);
            if (lock.isEmpty()) {
                channel.close();
                throw new ApiException(
                        "DEMO_ALREADY_RUNNING", "another demo is running in " + work,
                        "Wait for its end, or end it with Ctrl-C where it runs.", 75);
            }
            return new DemoDirectory(work.resolve("demo"), work.resolve("demo-failure"), lock.get());
        } catch (IOException e) {
            throw unusable(work, e);
        }
    }

    private static Optional<FileLock> lock(FileChannel channel) throws IOException {
        try {
            return Optional.ofNullable(channel.tryLock());
        } catch (OverlappingFileLockException e) {
            return Optional.empty(); // the other demo is one of this process
        }
    }

    /** An empty directory that only this user can enter. */
    void create() {
        try {
            delete(root);
            delete(failure);
            Files.createDirectory(
                    root, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            Files.createDirectory(store());
        } catch (IOException e) {
            throw unusable(root, e);
        }
    }

    /** Home of the demo's server. */
    Path server() {
        return root.resolve("server");
    }

    /** The file store. */
    Path store() {
        return root.resolve("store");
    }

    /** Writes a file that only this user can read. */
    Path write(String name, String content) {
        try {
            Path file = Files.createFile(
                    root.resolve(name), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            return Files.writeString(file, content);
        } catch (IOException e) {
            throw unusable(root.resolve(name), e);
        }
    }

    /** Saves a log from the removal; nothing happens when there is none. */
    Path keep(Path log) {
        try {
            Files.createDirectories(failure);
            Path kept = failure.resolve(log.getFileName());
            return Files.exists(log) ? Files.copy(log, kept, StandardCopyOption.REPLACE_EXISTING) : failure;
        } catch (IOException e) {
            throw unusable(failure, e);
        }
    }

    void remove() throws IOException {
        delete(root);
        lock.acquiredBy().close();
    }

    private static ApiException unusable(Path path, IOException e) {
        return new ApiException(
                "DEMO_DIRECTORY_UNUSABLE", path + " cannot be written (" + e + ")",
                "Make the directory writable for this user, with some hundred megabytes free.", 73);
    }

    private static void delete(Path directory) throws IOException {
        if (!Files.exists(directory)) {
            return;
        }
        Files.walkFileTree(directory, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.deleteIfExists(file);
                return FileVisitResult.CONTINUE;
            }

            @Override
            public FileVisitResult visitFileFailed(Path file, IOException failed) throws IOException {
                if (failed instanceof NoSuchFileException) {
                    return FileVisitResult.CONTINUE;
                }
                throw failed;
            }

            @Override
            public FileVisitResult postVisitDirectory(Path dir, IOException failed) throws IOException {
                Files.deleteIfExists(dir);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
