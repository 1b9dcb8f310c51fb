package io.dbbackup.benchmarks;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.regex.Pattern;

/** The product as it is used: its server with a heap of 512 MB, asked over REST. */
final class Product implements AutoCloseable {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final Set<String> ENDED = Set.of(
            "STOPPED", "INTERRUPTED", "SUCCEEDED", "SUCCEEDED_WITH_WARNINGS", "FAILED");

    private final Path root;
    private final Path home;
    private final Map<String, String> settings;
    private final HttpClient client = HttpClient.newHttpClient();
    private final URI api;
    private final String authorization;
    private JsonNode last = JSON.createObjectNode();

    /** Starts the server in a run directory of its own. */
    Product(Path root, Path home, Map<String, String> secrets) {
        this.root = root;
        this.home = home;
        int port = freePort();
        settings = new java.util.HashMap<>(secrets);
        settings.putAll(Map.of(
                "DBBACKUP_HOME", home.toString(),
                "DBBACKUP_BUILD", "never",
                "DBBACKUP_JAVA_OPTS", "-Xmx512m " + System.getProperty("dbbackup.javaOptions", ""),
                "DBBACKUP_HTTP_PORT", Integer.toString(port),
                "DBBACKUP_MANAGEMENT_PORT", Integer.toString(freePort())));
        command("server", "start");
        api = URI.create("http://127.0.0.1:" + port + "/api/v1/");
        authorization = "Basic " + Base64.getEncoder().encodeToString(
                ("admin:" + read(home.resolve("configuration/admin-password")).strip()).getBytes(StandardCharsets.UTF_8));
    }

    void configure(String yaml) {
        send(HttpRequest.newBuilder(api.resolve("config")).header("Content-Type", "application/yaml")
                .PUT(HttpRequest.BodyPublishers.ofString(yaml)));
    }

    /**
     * Runs a job from the request to its end.
     *
     * @param servers whose CPU time counts
     * @return the measurement; its output is what the run stored
     */
    Sample measure(String job, Map<String, String> parameters, List<Server> servers) {
        double before = Cpu.seconds(pid());
        double compiled = Cpu.secondsOfCompilers(pid());
        Stopwatch watch = new Stopwatch(servers);
        try (Memory memory = new Memory(pid())) {
            JsonNode end = run(job, parameters);
            return watch.sample(Cpu.seconds(pid()) - before, Cpu.secondsOfCompilers(pid()) - compiled, memory.peak(),
                    end.path("progress").path("storedBytes").asLong());
        }
    }

    /** Runs a job and demands success. */
    JsonNode run(String job, Map<String, String> parameters) {
        JsonNode now;
        try {
            now = send(HttpRequest.newBuilder(api.resolve("jobs/" + job + "/runs?wait=120s"))
                    .header("Content-Type", "application/json")
                    .POST(HttpRequest.BodyPublishers.ofString(JSON.writeValueAsString(Map.of("parameters", parameters)))));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        while (!ENDED.contains(now.path("state").asText())) {
            now = send(HttpRequest.newBuilder(api.resolve("runs/" + now.path("id").asText() + "?wait=30s")));
        }
        if (!now.path("state").asText().startsWith("SUCCEEDED")) {
            throw new IllegalStateException(job + " ended badly: " + now.toPrettyString());
        }
        last = now;
        return now;
    }

    /** When the work items of the last run began and ended, in seconds since its start, one line each. */
    String timeline() {
        Instant start = Instant.parse(last.path("startedAt").asText());
        TreeMap<Instant, String> lines = new TreeMap<>();
        URI next = api.resolve("runs/" + last.path("id").asText() + "/items?limit=200");
        while (next != null) {
            JsonNode page = send(HttpRequest.newBuilder(next));
            for (JsonNode item : page.path("items")) {
                Instant began = Instant.parse(item.path("startedAt").asText());
                Instant ended = Instant.parse(item.path("endedAt").asText());
                lines.merge(began, String.format(Locale.ROOT, "%7.2f %7.2f  %s%n", Duration.between(start, began).toMillis() / 1e3,
                        Duration.between(start, ended).toMillis() / 1e3, item.path("label").asText()), String::concat);
            }
            next = page.hasNonNull("next") ? api.resolve(page.path("next").asText()) : null;
        }
        return String.join("", lines.values()) + "run: " + last.path("startedAt").asText() + " to "
                + last.path("endedAt").asText() + "\n";
    }

    /** The number in the last line of the server's log that the pattern finds. */
    long lastLogged(String pattern) {
        return Pattern.compile(pattern).matcher(read(home.resolve("log/server.log"))).results()
                .mapToLong(found -> Long.parseLong(found.group(1))).reduce((first, second) -> second)
                .orElseThrow(() -> new IllegalStateException("the server's log says nothing like " + pattern));
    }

    long pid() {
        return Long.parseLong(read(home.resolve("server.pid")).strip());
    }

    private JsonNode send(HttpRequest.Builder builder) {
        try {
            HttpResponse<String> response = client.send(
                    builder.header("Authorization", authorization).timeout(Duration.ofMinutes(5)).build(),
                    HttpResponse.BodyHandlers.ofString(StandardCharsets.UTF_8));
            if (response.statusCode() / 100 != 2) {
                throw new IllegalStateException("HTTP " + response.statusCode() + ": " + response.body());
            }
            return response.body().isBlank() ? JSON.createObjectNode() : JSON.readTree(response.body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private void command(String... arguments) {
        ProcessBuilder builder = new ProcessBuilder(root.resolve("dbbackup").toString());
        builder.command().addAll(List.of(arguments));
        builder.environment().putAll(settings);
        try {
            int exit = builder.redirectInput(new java.io.File("/dev/null"))
                    .redirectOutput(home.resolve("command.out").toFile()).redirectErrorStream(true).start().waitFor();
            if (exit != 0) {
                throw new IllegalStateException("dbbackup " + String.join(" ", arguments) + " ended with " + exit + ":\n"
                        + read(home.resolve("command.out")));
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException("interrupted", e);
        }
    }

    private static String read(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    static int freePort() {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        command("server", "stop");
    }
}
