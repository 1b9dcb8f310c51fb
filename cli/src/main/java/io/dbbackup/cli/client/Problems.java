package io.dbbackup.cli.client;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;

/** Reads RFC 9457 problems. */
final class Problems {
    private Problems() {}

    static ApiException of(int status, String body) {
        JsonNode problem = parse(body);
        // the server cannot know from where this client has its credentials
        if (problem.hasNonNull("code") && status != 401) {
            return new ApiException(
                    problem.get("code").asText(),
                    problem.path("cause").asText(),
                    problem.path("remedy").asText(),
                    problem.path("exitCode").asInt(1));
        }
        return switch (status) {
            case 401 -> new ApiException(
                    "UNAUTHENTICATED",
                    "the server does not accept these credentials",
                    "Correct --user and --password-file (DBBACKUP_USER, DBBACKUP_PASSWORD_FILE).",
                    77);
            case 403 -> new ApiException("FORBIDDEN", "your role does not allow this", "Ask an administrator.", 77);
            // the application server listens before it has dbbackup; what dbbackup itself does not know has a code
            case 404 -> new ApiException(
                    "SERVER_UNREACHABLE",
                    "there is no dbbackup at this address (HTTP 404): it is being started, or the address is wrong",
                    "Wait until it has started (dbbackup server start waits for that), or check DBBACKUP_URL.",
                    69);
            case 503 -> new ApiException(
                    "SERVER_UNREACHABLE", "the server is not ready (HTTP 503)", "Wait until it has started.", 69);
            default -> new ApiException(
                    "SERVER_UNEXPECTED",
                    "the server answered with HTTP status " + status,
                    "Check that DBBACKUP_URL is the address of a dbbackup server.",
                    76);
        };
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
