package io.dbbackup.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dbbackup.cli.Version;
import java.io.IOException;
import java.io.InputStream;
import java.net.ConnectException;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.channels.UnresolvedAddressException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;

/** A connection to one server. Thread-safe. */
public final class ApiClient {
    public static final ObjectMapper JSON = new ObjectMapper();
    /** Longer than the longest wait that the server grants. */
    private static final Duration LONGEST_ANSWER = Duration.ofMinutes(5);

    /** An upgrade to HTTP/2 without TLS, which the JDK's client offers otherwise, costs it the end of some first answers. */
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10)).build();
    private final URI server;
    private final String authorization;

    /** @param password empty to send no credentials */
    public ApiClient(URI server, String user, Optional<String> password) {
        this.server = server;
        this.authorization = password.map(p -> "Basic "
                        + Base64.getEncoder().encodeToString((user + ":" + p).getBytes(StandardCharsets.UTF_8)))
                .orElse("");
    }

    /** @throws ApiException for every answer that is no success, and when there is none */
    public JsonNode get(String path, Map<String, String> query) {
        return json(send(request(path, query).GET(), "application/json"));
    }

    /** As {@link #get}, but the body as it comes, in the given media type. */
    public InputStream stream(String path, Map<String, String> query, String accept) {
        return send(request(path, query).GET(), accept).body();
    }

    public JsonNode post(String path, Map<String, String> query, JsonNode body, Map<String, String> headers) {
        HttpRequest.Builder request = request(path, query)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()));
        headers.forEach(request::header);
        return json(send(request, "application/json"));
    }

    public JsonNode put(String path, Map<String, String> query, byte[] body, String type) {
        return json(send(
                request(path, query).header("Content-Type", type).PUT(BodyPublishers.ofByteArray(body)),
                "application/json"));
    }

    public static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder request(String path, Map<String, String> query) {
        StringBuilder uri = new StringBuilder(server.toString().replaceAll("/+$", "")).append("/api/v1").append(path);
        String separator = "?";
        for (Map.Entry<String, String> parameter : query.entrySet()) {
            uri.append(separator).append(parameter.getKey()).append('=').append(segment(parameter.getValue()));
            separator = "&";
        }
        HttpRequest.Builder request = HttpRequest.newBuilder(URI.create(uri.toString()))
                .timeout(LONGEST_ANSWER)
                .header("User-Agent", "dbbackup-cli/" + Version.text());
        return authorization.isEmpty() ? request : request.header("Authorization", authorization);
    }

    private HttpResponse<InputStream> send(HttpRequest.Builder builder, String accept) {
        HttpRequest request = builder.header("Accept", accept + ", application/problem+json").build();
        HttpResponse<InputStream> answer;
        try {
            answer = http.send(request, BodyHandlers.ofInputStream());
        } catch (IOException e) {
            throw unreachable(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ApiException("CANCELLED", "interrupted", "Ask again.", 130);
        }
        if (answer.statusCode() >= 400) {
            throw Problems.of(answer.statusCode(), text(answer));
        }
        return answer;
    }

    private JsonNode json(HttpResponse<InputStream> answer) {
        try (InputStream body = answer.body()) {
            return JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw new ApiException(
                    "SERVER_UNEXPECTED",
                    server + " answered something that is not JSON",
                    "Check that DBBACKUP_URL is the address of a dbbackup server.",
                    76);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private String text(HttpResponse<InputStream> answer) {
        try (InputStream body = answer.body()) {
            return new String(body.readNBytes(1 << 20), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw unreachable(e);
        }
    }

    private ApiException unreachable(IOException e) {
        return new ApiException(
                "SERVER_UNREACHABLE",
                "the server at " + server + " does not answer: " + reason(e),
                "Start it (dbbackup server start), or set DBBACKUP_URL.",
                69);
    }

    /** Without the class names that the JDK's client leaves in the place of a message. */
    private static String reason(IOException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof UnresolvedAddressException) {
                return "there is no such host";
            }
        }
        if (e.getMessage() != null) {
            return e.getMessage();
        }
        return e instanceof ConnectException ? "nothing accepts connections there" : e.getClass().getSimpleName();
    }
}
