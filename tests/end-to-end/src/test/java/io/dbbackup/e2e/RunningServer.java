package io.dbbackup.e2e;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;

/**
 * The product's server in its own run directory and on its own ports, started by {@code ./dbbackup server start} as an
 * operator starts it. Killing and restarting keep the run directory. Not thread-safe; {@link #close()} removes everything.
 */
public final class RunningServer implements AutoCloseable {

    private static final Path ROOT = Path.of(System.getProperty("dbbackup.root")).toAbsolutePath().normalize();

    /** As operators run it. */
    static final String HEAP = "-Xmx512m";
    /** The optimizing compiler takes most of the processor in a server's first minute, and pays off only later. */
    private static final String SHORT_LIVED = HEAP + " -XX:TieredStopAtLevel=1";

    private final Path home;
    private final Map<String, String> environment;
    private int httpPort;
    private int managementPort;

    private RunningServer(Path home, Map<String, String> environment) {
        this.home = home;
        this.environment = environment;
    }

    /** With a heap of 512 MB and the embedded profile. */
    public static RunningServer start() {
        return start(Map.of());
    }

    /** @param environment added to the environment of the server, for example secrets that the configuration refers to */
    static RunningServer start(Map<String, String> environment) {
        try {
            // Beside the provisioned server, so that its files need not be copied but can be linked.
            Path parent = Files.createDirectories(ROOT.resolve("tests/end-to-end/target/servers"));
            RunningServer server = new RunningServer(Files.createTempDirectory(parent, "server"), environment);
            try {
                server.startAgain();
                return server;
            } catch (AssertionError e) {
                server.close();
                throw e;
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public RestClient rest() {
        return new RestClient(URI.create("http://127.0.0.1:" + httpPort), "admin", adminPassword());
    }

    public URI managementUrl() {
        return URI.create("http://127.0.0.1:" + managementPort);
    }

    String adminPassword() {
        return read(home.resolve("configuration/admin-password")).strip();
    }

    Path home() {
        return home;
    }

    String log() {
        Path log = home.resolve("log/server.log");
        return Files.exists(log) ? read(log) : "";
    }

    /** Ends the server's process at once, as a power cut would; its child processes are left behind. */
    void sigkill() {
        ProcessHandle process = process();
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Ends the server in order. */
    void stop() {
        command("server", "stop");
    }

    /** Starts it (again) in the same run directory; the ports may be others. Returns when it is ready. */
    void startAgain() {
        for (int attempt = 1; ; attempt++) {
            httpPort = freePort();
            managementPort = freePort();
            Finished start = run(List.of("server", "start"));
            if (start.exitCode() == 0) {
                return;
            }
            // 69: another program has taken a port between our look and the start.
            if (start.exitCode() != 69 || attempt == 5) {
                throw new AssertionError("the server does not start:\n" + start.output() + "\n" + tail(log()));
            }
        }
    }

    ProcessHandle process() {
        long pid = Long.parseLong(read(home.resolve("server.pid")).strip());
        return ProcessHandle.of(pid).orElseThrow(() -> new AssertionError("the server is not running:\n" + tail(log())));
    }

    /** Runs {@code ./dbbackup} for this server and demands success. */
    String command(String... arguments) {
        Finished finished = run(List.of(arguments));
        if (finished.exitCode() != 0) {
            throw new AssertionError("dbbackup " + String.join(" ", arguments) + " ended with " + finished.exitCode() + ":\n"
                    + finished.output());
        }
        return finished.output();
    }

    /**
     * A finished command.
     *
     * @param exitCode of the process
     * @param output standard output and error
     */
    record Finished(int exitCode, String output) {}

    /** Adds an account for REST, CLI and console; the password goes through standard input. */
    public void addUser(String name, String role, String password) {
        try {
            Path input = Files.writeString(Files.createTempFile(home, "password", ".in"), password + "\n", UTF_8);
            Finished finished = run(List.of("server", "add-user", name, role), input);
            Files.delete(input);
            if (finished.exitCode() != 0) {
                throw new AssertionError("cannot add the user " + name + ":\n" + finished.output());
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Runs {@code ./dbbackup} for this server. */
    Finished run(List<String> arguments) {
        return run(arguments, Path.of("/dev/null"));
    }

    private Finished run(List<String> arguments, Path input) {
        List<String> command = new ArrayList<>(List.of(ROOT.resolve("dbbackup").toString()));
        command.addAll(arguments);
        try {
            // To a file and not to a pipe: the server inherits it, and a pipe would only end with the server.
            Path output = Files.createTempFile(home, "command", ".out");
            ProcessBuilder builder = new ProcessBuilder(command)
                    .redirectErrorStream(true).redirectOutput(output.toFile()).redirectInput(input.toFile());
            builder.environment().putAll(settings());
            int exitCode = builder.start().waitFor();
            return new Finished(exitCode, Files.readString(output, UTF_8));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError("interrupted", e);
        }
    }

    private Map<String, String> settings() {
        Map<String, String> settings = new LinkedHashMap<>();
        settings.put("DBBACKUP_HOME", home.toString());
        settings.put("DBBACKUP_BUILD", "never");
        settings.put("DBBACKUP_JAVA_OPTS", SHORT_LIVED);
        settings.put("DBBACKUP_HTTP_PORT", Integer.toString(httpPort));
        settings.put("DBBACKUP_MANAGEMENT_PORT", Integer.toString(managementPort));
        settings.putAll(environment);
        return settings;
    }

    /** Kills what still runs and deletes the run directory, but keeps the log in {@code target/server-logs}. */
    @Override
    public void close() {
        try {
            if (Files.exists(home.resolve("server.pid"))) {
                ProcessHandle.of(Long.parseLong(read(home.resolve("server.pid")).strip())).ifPresent(process -> {
                    List<ProcessHandle> all = new ArrayList<>(process.descendants().toList());
                    all.add(process);
                    all.forEach(ProcessHandle::destroyForcibly);
                    process.onExit().join();
                });
            }
            Path logs = Files.createDirectories(home.getParent().resolveSibling("server-logs"));
            Files.writeString(logs.resolve(home.getFileName() + ".log"), log(), UTF_8);
            try (Stream<Path> files = Files.walk(home)) {
                for (Path file : files.sorted(Collections.reverseOrder()).toList()) {
                    Files.deleteIfExists(file);
                }
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static String tail(String text) {
        return text.length() <= 6000 ? text : "…" + text.substring(text.length() - 6000);
    }

    private static String read(Path file) {
        try {
            return Files.readString(file, UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
