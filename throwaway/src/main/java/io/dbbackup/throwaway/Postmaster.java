package io.dbbackup.throwaway;

import java.io.IOException;
import java.io.OutputStream;
import java.io.RandomAccessFile;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** The running server process of a throwaway instance: one start until one end. */
final class Postmaster {

    static final String ADDRESS = "127.0.0.1";

    private static final int PORT_ATTEMPTS = 20;
    private static final int TAIL_BYTES = 8 * 1024;

    /** What pg_isready says with its exit code. */
    private static final int ACCEPTING = 0;
    private static final int STARTING_UP = 1;

    private final PostgresBinaries binaries;
    private final ServerUser serverUser;
    private final Path dataDirectory;
    private final Process process;
    private final int port;

    private Postmaster(PostgresBinaries binaries, ServerUser serverUser, Path dataDirectory, Process process, int port) {
        this.binaries = binaries;
        this.serverUser = serverUser;
        this.dataDirectory = dataDirectory;
        this.process = process;
        this.port = port;
    }

    /** Starts on the preferred port (0: any) and tries others as long as ports are taken. Returns when ready. */
    static Postmaster start(PostgresBinaries binaries, ServerUser serverUser, Path dataDirectory, Path socketDirectory,
            Path log, int preferredPort, Duration timeout) {
        for (int attempt = 1; ; attempt++) {
            int port = attempt == 1 && preferredPort != 0 ? preferredPort : freePort();
            long logBefore = log.toFile().length();
            Postmaster postmaster = launch(binaries, serverUser, dataDirectory, log, port);
            if (postmaster.awaitReadiness(socketDirectory, log, timeout)) {
                return postmaster;
            }
            String said = tail(log, logBefore);
            if (attempt == PORT_ATTEMPTS || !said.contains("Address already in use")) {
                throw new ThrowawayException("the PostgreSQL server in " + dataDirectory + " ended while starting (exit code "
                        + postmaster.process.exitValue() + "). Its log ends with:\n" + said);
            }
        }
    }

    int port() {
        return port;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    /** Ends the server in the given mode of pg_ctl and waits for its end, however long a last checkpoint takes. */
    void stop(String mode) {
        List<String> command = serverUser.command(List.of(binaries.tool("pg_ctl"), "stop", "-D", dataDirectory.toString(),
                "-m", mode, "-w", "-t", Long.toString(TimeUnit.DAYS.toSeconds(1))));
        Subprocess.Outcome outcome = Subprocess.of(command).run(new byte[0], OutputStream.nullOutputStream());
        if (outcome.exitCode() != 0) {
            kill();
        }
        awaitEnd();
    }

    void kill() {
        List<ProcessHandle> children = process.descendants().toList();
        process.destroyForcibly();
        children.forEach(ProcessHandle::destroyForcibly);
        awaitEnd();
        // Orphans now, so init reaps them; where init does not, they are zombies, which hold nothing: no endless wait.
        children.forEach(child -> child.onExit().completeOnTimeout(child, 10, TimeUnit.SECONDS).join());
    }

    /**
     * Removes the System V segment of a server that was killed: its interlock outlives it, and only the next start in the
     * same directory would remove it.
     */
    static void removeSharedMemory(Path dataDirectory, ServerUser serverUser) {
        Path pidFile = dataDirectory.resolve("postmaster.pid");
        try (Stream<String> lines = Files.lines(pidFile)) {
            lines.skip(6).findFirst().map(line -> line.strip().split("\\s+")).filter(keyAndId -> keyAndId.length == 2)
                    .ifPresent(keyAndId -> Subprocess.of(serverUser.command(List.of("ipcrm", "-m", keyAndId[1])))
                            .run(new byte[0], OutputStream.nullOutputStream()));
        } catch (IOException | RuntimeException e) {
            // No pid file: the server ended in order and removed the segment itself. No ipcrm: 56 bytes stay.
        }
    }

    static String tail(Path log) {
        return tail(log, 0);
    }

    private static Postmaster launch(
            PostgresBinaries binaries, ServerUser serverUser, Path dataDirectory, Path log, int port) {
        List<String> command = serverUser.command(List.of(
                binaries.tool("postgres"), "-D", dataDirectory.toString(), "-p", Integer.toString(port)));
        ProcessBuilder builder = Subprocess.of(command).builder()
                .redirectInput(Path.of("/dev/null").toFile())
                .redirectErrorStream(true)
                .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
        try {
            return new Postmaster(binaries, serverUser, dataDirectory, builder.start(), port);
        } catch (IOException e) {
            throw new ThrowawayException("cannot start " + command.get(0), e);
        }
    }

    /** @return false when the process ended */
    private boolean awaitReadiness(Path socketDirectory, Path log, Duration timeout) {
        // By the socket and not by the port: should another server have won the port, it must not answer for this one.
        Subprocess probe = Subprocess.of(serverUser.command(List.of(binaries.tool("pg_isready"), "-q", "-h",
                socketDirectory.toString(), "-p", Integer.toString(port), "-d", "postgres", "-U", "postgres")));
        long silentSince = System.nanoTime();
        try {
            while (!process.waitFor(20, TimeUnit.MILLISECONDS)) {
                int answer = probe.run(new byte[0], OutputStream.nullOutputStream()).exitCode();
                if (answer == ACCEPTING) {
                    return true;
                }
                if (answer == STARTING_UP) {
                    silentSince = System.nanoTime();
                } else if (System.nanoTime() - silentSince > timeout.toNanos()) {
                    kill();
                    throw new ThrowawayException("the PostgreSQL server in " + dataDirectory + " gave no answer for "
                            + timeout.toSeconds() + " seconds. Its log ends with:\n" + tail(log));
                }
            }
            return false;
        } catch (InterruptedException e) {
            kill();
            throw ThrowawayException.interrupted("waiting for PostgreSQL to start", e);
        }
    }

    private void awaitEnd() {
        process.onExit().join();
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName(ADDRESS))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new ThrowawayException("no free TCP port on " + ADDRESS, e);
        }
    }

    private static String tail(Path log, long from) {
        try (RandomAccessFile file = new RandomAccessFile(log.toFile(), "r")) {
            file.seek(Math.max(from, file.length() - TAIL_BYTES));
            byte[] bytes = new byte[(int) (file.length() - file.getFilePointer())];
            file.readFully(bytes);
            return new String(bytes, StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(the log " + log + " cannot be read: " + e.getMessage() + ")";
        }
    }
}
