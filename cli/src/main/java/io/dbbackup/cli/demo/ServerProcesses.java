package io.dbbackup.cli.demo;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The processes of one application server: the JVM and the script that watches it. They are found by the run directory on
 * their command line and not by numbers alone, which are used again.
 */
final class ServerProcesses {
    private final Path home;
    private final byte[] argument;

    ServerProcesses(Path home) {
        this.home = home;
        this.argument = ("\0-Djboss.server.base.dir=" + home + "\0").getBytes(StandardCharsets.UTF_8);
    }

    List<ProcessHandle> all() {
        List<ProcessHandle> found = new ArrayList<>();
        try (DirectoryStream<Path> processes = Files.newDirectoryStream(Path.of("/proc"), "[0-9]*")) {
            for (Path process : processes) {
                if (isOurs(process)) {
                    ProcessHandle.of(Long.parseLong(process.getFileName().toString())).ifPresent(found::add);
                }
            }
        } catch (IOException e) {
            throw new IllegalStateException("cannot list the processes: " + e.getMessage(), e);
        }
        return found;
    }

    /** The JVM, if it runs. */
    Optional<ProcessHandle> jvm() {
        try {
            long pid = Long.parseLong(Files.readString(home.resolve("server.pid")).strip());
            return all().stream().filter(process -> process.pid() == pid).findFirst();
        } catch (IOException | NumberFormatException e) {
            return Optional.empty();
        }
    }

    /** SIGKILL, and the end of all of them. */
    void kill() {
        jvm().ifPresent(ProcessHandle::destroyForcibly);
        // the watching script sees the end of the JVM and ends as well
        awaitEnd(10);
        all().forEach(ProcessHandle::destroyForcibly);
        awaitEnd(10);
    }

    /** @return whether all have ended within the time */
    boolean awaitEnd(long seconds) {
        long until = System.nanoTime() + TimeUnit.SECONDS.toNanos(seconds);
        while (!all().isEmpty()) {
            if (System.nanoTime() > until) {
                return false;
            }
            pause();
        }
        return true;
    }

    private static void pause() {
        try {
            Thread.sleep(50);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private boolean isOurs(Path process) {
        try {
            byte[] line = Files.readAllBytes(process.resolve("cmdline"));
            return indexOf(line) >= 0;
        } catch (IOException e) {
            return false; // it has just ended, or is somebody else's
        }
    }

    private int indexOf(byte[] line) {
        for (int i = 0; i + argument.length <= line.length; i++) {
            if (java.util.Arrays.equals(line, i, i + argument.length, argument, 0, argument.length)) {
                return i;
            }
        }
        return -1;
    }
}
