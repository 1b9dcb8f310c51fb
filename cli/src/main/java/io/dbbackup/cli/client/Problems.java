package io.dbbackup.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import java.net.URI;
import java.util.Optional;

/** Reads RFC 9457 problems, and says what the server cannot know of this client. */
final class Problems {
    /** What the address of a server looks like. */
    static final String ADDRESS = "http or https, host and port, such as http://127.0.0.1:8080; a path only where a proxy has dbbackup at one";
    private static final String CREDENTIALS = "--user and --password-file (DBBACKUP_USER, DBBACKUP_PASSWORD_FILE)";
    private static final int PERMISSION = 77;
    private static final int UNAVAILABLE = 69;
    /** What the application server answers as long as it does not have dbbackup; what dbbackup itself does not know has a code. */
    private static final String STARTING = "<body>404 - Not Found</body>";

    private Problems() {}

    /** Empty when neither dbbackup, nor what is in front of it, answers so: it is another server's. */
    static Optional<ApiException> of(int status, String body) {
        JsonNode problem = parse(body);
        // others have codes, too
        if (problem.path("code").isTextual() && problem.hasNonNull("exitCode")) {
            return Optional.of(new ApiException(
                    problem.get("code").asText(),
                    problem.path("cause").asText(),
                    problem.path("remedy").asText(),
                    problem.path("exitCode").asInt()));
        }
        return switch (status) {
            // other servers have no such file either: the application server listens before it has dbbackup
            case 404 -> body.contains(STARTING)
                    ? Optional.of(new ApiException(
                            ApiException.UNREACHABLE,
                            "there is no dbbackup at this address (HTTP 404): it is being started, or the address is wrong",
                            "Wait until it has started (dbbackup server start waits for that), or check DBBACKUP_URL.",
                            UNAVAILABLE))
                    : Optional.empty();
            // also of a proxy whose server is away
            case 502, 503, 504 -> Optional.of(new ApiException(
                    ApiException.UNREACHABLE, "the server is not ready (HTTP " + status + ")", "Wait until it has started.", UNAVAILABLE));
            default -> Optional.empty();
        };
    }

    static ApiException noCredentials(URI server, String user) {
        return new ApiException(
                "UNAUTHENTICATED",
                server + " wants a password, and this client has none for the user \"" + user + "\"",
                "Name a file with the password, and the user: " + CREDENTIALS + ". On a terminal it is asked for.",
                PERMISSION);
    }

    static ApiException wrongCredentials(URI server, String user) {
        return new ApiException(
                "UNAUTHENTICATED",
                server + " does not accept these credentials: there is no user \"" + user + "\", or it has another password",
                "Correct " + CREDENTIALS + ".",
                PERMISSION);
    }

    /** Dbbackup answers, but knows nothing there. */
    static ApiException wrongPath(URI server, ApiException problem) {
        return ApiException.usage(
                "dbbackup is not at " + server + ": " + problem.reason(),
                "Take the path \"" + server.getRawPath() + "\" out of --url or DBBACKUP_URL: it is " + ADDRESS + ".");
    }

    private static JsonNode parse(String body) {
        try {
            JsonNode node = ApiClient.JSON.readTree(body);
            return node == null ? ApiClient.JSON.nullNode() : node;
        } catch (JsonProcessingException e) {
            return ApiClient.JSON.nullNode();
        }
    }
}
