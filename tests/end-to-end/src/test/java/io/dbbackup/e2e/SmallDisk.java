package io.dbbackup.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A file system of its own, in memory, that can fill up and turn read-only. Needs the right to mount. */
final class SmallDisk implements AutoCloseable {

    private final Path directory;

    private SmallDisk(Path directory) {
        this.directory = directory;
    }

    /** @return empty when this user or this container must not mount anything */
    static Optional<SmallDisk> ofSize(String size) {
        try {
            Path directory = Files.createTempDirectory("small-disk");
            if (run("mount", "-t", "tmpfs", "-o", "mode=0700,size=" + size, "tmpfs", directory.toString()) != 0) {
                Files.delete(directory);
                return Optional.empty();
            }
            return Optional.of(new SmallDisk(directory));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    Path path() {
        return directory;
    }

    /** @param options of mount, such as {@code ro} or {@code size=64m} */
    void remount(String options) {
        Awaiting.until("remount with " + options, // busy for the moment in which a file is open for writing
                () -> run("mount", "-o", "remount," + options, directory.toString()) == 0);
    }

    @Override
    public void close() {
        Awaiting.until("unmount", () -> run("umount", directory.toString()) == 0);
        try {
            Files.delete(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int run(String... command) {
        try {
            Process process = new ProcessBuilder(new ArrayList<>(List.of(command))).redirectErrorStream(true).start();
            String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            int status = process.waitFor();
            if (status != 0) {
                System.out.println(String.join(" ", command) + ": " + output.strip());
            }
            return status;
        } catch (IOException e) {
            return 127; // no such program
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }
}
