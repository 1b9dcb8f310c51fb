package io.dbbackup.store;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A real server of a protocol in a process and a directory of its own, both gone when this JVM ends. */
public final class PeerProcess {
    private final String name;
    private final Path directory;
    private final Path log;
    private final Process process;

    /** Says how to start it. */
    public interface Command {
        List<String> in(Path directory) throws IOException;
    }

    /** Tells when it can be used; an exception or false means not yet. */
    public interface Ready {
        boolean test(String log) throws IOException;
    }

    private PeerProcess(String name, Path directory, Path log, Process process) {
        this.name = name;
        this.directory = directory;
        this.log = log;
        this.process = process;
    }

    public static PeerProcess start(String name, Command command, Map<String, String> environment, Ready ready) {
        try {
            Path directory = Files.createTempDirectory("dbbackup-" + name);
            Path log = directory.resolve("log.txt");
            ProcessBuilder builder = new ProcessBuilder(command.in(directory))
                    .directory(directory.toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(log.toFile());
            builder.environment().putAll(environment);
            PeerProcess peer = new PeerProcess(name, directory, log, builder.start());
            Runtime.getRuntime().addShutdownHook(new Thread(peer::end));
            peer.await(ready);
            return peer;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException("cannot start " + name, e);
        }
    }

    public Path directory() {
        return directory;
    }

    public String log() throws IOException {
        return Files.readString(log);
    }

    public static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void await(Ready ready) throws IOException, InterruptedException {
        while (process.isAlive()) {
            try {
                if (ready.test(log())) {
                    return;
                }
            } catch (IOException e) {
                // not yet
            }
            Thread.sleep(50);
        }
        throw new IllegalStateException(name + " ended: " + log());
    }

    private void end() {
        process.destroyForcibly();
        try {
            process.waitFor(10, TimeUnit.SECONDS);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            // the directory for temporary files is where it is
        }
    }
}
