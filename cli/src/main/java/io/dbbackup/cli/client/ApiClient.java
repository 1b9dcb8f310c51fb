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
    /** In the place of the field that an answer has: it is a list. */
    public static final String LIST = "";
    /** Where the API is, below the address of the server. */
    public static final String API = "/api/v1";
    /** Longer than the longest wait that the server grants. */
    private static final Duration LONGEST_ANSWER = Duration.ofMinutes(5);
    /** Of bodies that are made before their first byte is sent: reports over years. */
    private static final Duration LONGEST_WORK = Duration.ofDays(1);
    private static final int NO_CONTENT = 204;
    private static final int UNAUTHENTICATED = 401;
    private static final int NOT_FOUND = 404;

    /** An upgrade to HTTP/2 without TLS, which the JDK's client offers otherwise, costs it the end of some first answers. */
    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1).connectTimeout(Duration.ofSeconds(10)).build();
    private final URI server;
    private final String user;
    private final String authorization;

    /**
     * @param server what is before {@link #API}, without a slash at its end
     * @param password empty to send no credentials
     */
    public ApiClient(URI server, String user, Optional<String> password) {
        this.server = server;
        this.user = user;
        this.authorization = password.map(p -> "Basic "
                        + Base64.getEncoder().encodeToString((user + ":" + p).getBytes(StandardCharsets.UTF_8)))
                .orElse("");
    }

    /**
     * Whatever else listens at an address answers, too: commands would take its answer for a success of theirs.
     *
     * @param field what each of dbbackup's answers to this has, or {@link #LIST}
     * @throws ApiException for every answer that is no success or not dbbackup's, and when there is none
     */
    public JsonNode get(String path, Map<String, String> query, String field) {
        return json(send(request(path, query).GET(), "application/json"), field);
    }

    /** As {@link #get}, but the body as it comes, in the given media type. */
    public InputStream stream(String path, Map<String, String> query, String accept) {
        HttpResponse<InputStream> answer = send(request(path, query).timeout(LONGEST_WORK).GET(), accept);
        String type = answer.headers().firstValue("Content-Type").orElse("nothing");
        if (!type.split(";")[0].strip().equalsIgnoreCase(accept)) {
            close(answer);
            throw foreign("answered with " + type + ", not with " + accept);
        }
        return answer.body();
    }

    /** As {@link #get}. */
    public JsonNode post(String path, Map<String, String> query, JsonNode body, Map<String, String> headers, String field) {
        HttpRequest.Builder request = request(path, query)
                .header("Content-Type", "application/json")
                .POST(BodyPublishers.ofString(body.toString()));
        headers.forEach(request::header);
        return json(send(request, "application/json"), field);
    }

    /** As {@link #get}. */
    public JsonNode put(String path, Map<String, String> query, byte[] body, String type, String field) {
        return json(send(
                request(path, query).header("Content-Type", type).PUT(BodyPublishers.ofByteArray(body)),
                "application/json"), field);
    }

    public static String segment(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    private HttpRequest.Builder request(String path, Map<String, String> query) {
        StringBuilder uri = new StringBuilder(server.toString()).append(API).append(path);
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
            throw refused(answer.statusCode(), text(answer));
        }
        // a redirect is not followed: it would take the credentials to whomever it names
        if (answer.statusCode() >= 300 || answer.statusCode() == NO_CONTENT) {
            close(answer);
            throw foreign("answered with HTTP status " + answer.statusCode()
                    + answer.headers().firstValue("Location").map(there -> ", which leads to " + there).orElse(""));
        }
        return answer;
    }

    private JsonNode json(HttpResponse<InputStream> answer, String field) {
        JsonNode node;
        try (InputStream body = answer.body()) {
            node = JSON.readTree(body);
        } catch (JsonProcessingException e) {
            throw foreign("answered something that is not JSON");
        } catch (IOException e) {
            throw unreachable(e);
        }
        if (field.equals(LIST) ? !node.isArray() : !node.hasNonNull(field)) {
            throw foreign("answered something that is not dbbackup's");
        }
        return node;
    }

    /** Without reading what is left of the body. */
    private static void close(HttpResponse<InputStream> answer) {
        try {
            answer.body().close();
        } catch (IOException e) {
            // the connection is not used again then
        }
    }

    private ApiException refused(int status, String body) {
        if (status == UNAUTHENTICATED) {
            // the server cannot know from where this client has its credentials
            return authorization.isEmpty() ? Problems.noCredentials(server, user) : Problems.wrongCredentials(server, user);
        }
        return Problems.of(status, body)
                // the client asks for nothing but what the API has
                .map(problem -> status == NOT_FOUND && problem.code().equals("INVALID_REQUEST") && !server.getRawPath().isEmpty()
                        ? Problems.wrongPath(server, problem)
                        : problem)
                .orElseGet(() -> foreign("answered with HTTP status " + status));
    }

    private ApiException foreign(String what) {
        return new ApiException(
                ApiException.FOREIGN,
                server + " " + what,
                "Check that DBBACKUP_URL is the address of a dbbackup server: " + Problems.ADDRESS + ".",
                76);
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
                ApiException.UNREACHABLE,
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
