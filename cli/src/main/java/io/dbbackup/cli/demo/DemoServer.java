package io.dbbackup.cli.demo;

import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.client.ApiException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The demo's own application server, by the same script as everybody's. */
final class DemoServer {
    private static final int HTTP = 8080;
    private static final int MANAGEMENT = 9990;
    private static final long PATIENCE_SECONDS = 60;
    /** How much of a failed start is shown. */
    private static final int LINES = 12;
    private static final int LINE = 200;

    private final Path script;
    private final Path home;
    private final ServerProcesses processes;
    private final Consumer<String> said;
    private int httpPort;
    private int managementPort;
    private boolean ended;
    private volatile Optional<Process> command = Optional.empty();

    /** @param said takes what the script says while a start takes long */
    DemoServer(Path script, Path home, Consumer<String> said) {
        this.script = script;
        this.home = home;
        this.processes = new ServerProcesses(home);
        this.said = said;
    }

    /** Starts it and returns when it is ready; the first start chooses the ports. */
    void start() {
        if (httpPort == 0) {
            httpPort = freePort(HTTP);
            managementPort = freePort(MANAGEMENT);
        }
        run("start");
    }

    /** SIGKILL. */
    long kill() {
        long pid = processes.jvm()
                .orElseThrow(() -> new ApiException(
                        "SERVER_UNREACHABLE", "the server that was to be killed has ended by itself",
                        "See its log.", 69))
                .pid();
        processes.kill();
        return pid;
    }

    /** Ends it for good, in order if possible. From then on it cannot be started. */
    void end() {
        synchronized (this) {
            ended = true;
        }
        command.ifPresent(Process::destroyForcibly);
        // SIGTERM lets it end its child processes; the script that watches it ends with it
        processes.jvm().or(() -> processes.all().stream().findFirst()).ifPresent(ProcessHandle::destroy);
        if (!processes.awaitEnd(PATIENCE_SECONDS)) {
            processes.kill();
        }
    }

    String rest() {
        return "http://127.0.0.1:" + httpPort;
    }

    String console() {
        return "http://127.0.0.1:" + managementPort + "/console";
    }

    Path passwordFile() {
        return home.resolve("configuration/admin-password");
    }

    Path log() {
        return home.resolve("log/server.log");
    }

    ApiClient client() {
        try {
            return new ApiClient(
                    URI.create(rest()), "admin", Optional.of(Files.readString(passwordFile()).stripTrailing()));
        } catch (IOException e) {
            throw new ApiException(
                    "SECRET_UNAVAILABLE", "the new server has no password file " + passwordFile() + " (" + e + ")",
                    "See its log.", 78);
        }
    }

    private void run(String action) {
        List<String> lines = new ArrayList<>();
        try {
            Process process = launch(action);
            try (BufferedReader output =
                    new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
                for (String line = output.readLine(); line != null; line = output.readLine()) {
                    lines.add(line);
                    if (line.startsWith("  ...") || line.startsWith("Building")) {
                        said.accept(line.strip());
                    }
                }
            }
            int code = process.waitFor();
            if (code != 0) {
                throw failed(action, lines, code);
            }
        } catch (IOException e) {
            throw failed(action, List.of(e.toString()), 70);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw failed(action, List.of("interrupted"), 130);
        }
    }

    private synchronized Process launch(String action) throws IOException {
        if (ended) {
            throw new IllegalStateException("the demo is being cleaned up");
        }
        ProcessBuilder builder = new ProcessBuilder(script.toString(), "server", action).redirectErrorStream(true);
        Map<String, String> environment = builder.environment();
        // what is set for a real server must not decide about this one
        environment.keySet().removeIf(name -> name.startsWith("DBBACKUP_")
                && !List.of("DBBACKUP_BUILD", "DBBACKUP_JAVA_OPTS").contains(name));
        environment.put("DBBACKUP_HOME", home.toString());
        environment.put("DBBACKUP_HTTP_PORT", Integer.toString(httpPort));
        environment.put("DBBACKUP_MANAGEMENT_PORT", Integer.toString(managementPort));
        Process process = builder.start();
        process.getOutputStream().close();
        command = Optional.of(process);
        return process;
    }

    private ApiException failed(String action, List<String> lines, int code) {
        List<String> said = lines.stream()
                .filter(line -> !line.isBlank())
                .map(line -> line.length() <= LINE ? line : line.substring(0, LINE) + " ...")
                .toList();
        String last = String.join("\n", said.subList(Math.max(0, said.size() - LINES), said.size()));
        return new ApiException(
                "SERVER_NOT_STARTED", "dbbackup server " + action + " ended with exit status " + code + ":\n" + last,
                "Read the server's log, correct what it names, and run the demo again.", code > 0 && code < 126 ? code : 70);
    }

    private static int freePort(int preferred) {
        try (ServerSocket socket = bound(preferred)) {
            return socket.getLocalPort();
        } catch (IOException taken) {
            try (ServerSocket socket = bound(0)) {
                return socket.getLocalPort();
            } catch (IOException e) {
                throw new ApiException("NO_FREE_PORT", "no TCP port of 127.0.0.1 is free (" + e + ")", "Free one.", 69);
            }
        }
    }

    private static ServerSocket bound(int port) throws IOException {
        ServerSocket socket = new ServerSocket();
        socket.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), port));
        return socket;
    }
}
