package io.dbbackup.throwaway;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** The running process of a throwaway MariaDB or MySQL: one start until one end. */
final class MysqlProcess {
    private static final int PORT_ATTEMPTS = 20;
    private static final int PROBE_MILLIS = 2000;
    private static final int LOG_TAIL = 4096;

    private final Process process;
    private final int port;

    private MysqlProcess(Process process, int port) {
        this.process = process;
        this.port = port;
    }

    /** Starts on the preferred port (0: any) and tries others as long as ports are taken. Returns when ready. */
    static MysqlProcess start(List<String> command, Path directory, int preferredPort, Duration timeout) {
        for (int attempt = 1; ; attempt++) {
            int port = attempt == 1 && preferredPort != 0 ? preferredPort : freePort();
            MysqlProcess started = launch(command, directory, port);
            if (started.awaitGreeting(directory, timeout)) {
                return started;
            }
            String said = log(directory);
            if (attempt == PORT_ATTEMPTS || !said.contains("Address already in use")) {
                throw new ThrowawayException("the server in " + directory + " ended while starting (exit code "
                        + started.process.exitValue() + "). Its log ends with:\n" + said);
            }
        }
    }

    private static MysqlProcess launch(List<String> command, Path directory, int port) {
        List<String> all = new ArrayList<>(command);
        all.add("--port=" + port);
        File log = directory.resolve("server.log").toFile();
        try {
            Process process = Subprocess.of(all).builder()
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.appendTo(log))
                    .start();
            process.getOutputStream().close();
            Files.writeString(directory.resolve("server.pid"), Long.toString(process.pid()));
            return new MysqlProcess(process, port);
        } catch (IOException e) {
            throw new ThrowawayException("cannot start " + command.get(0), e);
        }
    }

    int port() {
        return port;
    }

    boolean isAlive() {
        return process.isAlive();
    }

    void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Ends the server of a JVM that was killed: the process whose arguments name the directory, and no other. */
    static void killLeftOver(Path directory) {
        try {
            long pid = Long.parseLong(Files.readString(directory.resolve("server.pid")).strip());
            String arguments = Files.readString(Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.UTF_8);
            if (arguments.contains("--datadir=" + directory.resolve("data") + "\0")) {
                ProcessHandle.of(pid).ifPresent(handle -> {
                    handle.destroyForcibly();
                    handle.onExit().join();
                });
            }
        } catch (IOException | NumberFormatException e) {
            // another kind of server's directory, or its server is gone
            return;
        }
    }

    /** The server speaks first as soon as it takes connections. False when it ended instead. */
    private boolean awaitGreeting(Path directory, Duration timeout) {
        long end = System.nanoTime() + timeout.toNanos();
        try {
            while (!process.waitFor(20, TimeUnit.MILLISECONDS)) {
                if (greets()) {
                    return process.isAlive();
                }
                if (System.nanoTime() > end) {
                    kill();
                    throw new ThrowawayException("the server in " + directory + " took no connection for "
                            + timeout.toSeconds() + " seconds. Its log ends with:\n" + log(directory));
                }
            }
            return false;
        } catch (InterruptedException e) {
            kill();
            throw ThrowawayException.interrupted("waiting for a server to start", e);
        }
    }

    private boolean greets() {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress("127.0.0.1", port), PROBE_MILLIS);
            socket.setSoTimeout(PROBE_MILLIS);
            InputStream in = socket.getInputStream();
            return in.readNBytes(5).length == 5;
        } catch (IOException e) {
            return false;
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new ThrowawayException("no free TCP port on 127.0.0.1", e);
        }
    }

    private static String log(Path directory) {
        try {
            byte[] all = Files.readAllBytes(directory.resolve("server.log"));
            return new String(all, Math.max(0, all.length - LOG_TAIL), Math.min(all.length, LOG_TAIL), StandardCharsets.UTF_8);
        } catch (IOException e) {
            return "(no log: " + e.getMessage() + ")";
        }
    }
}
