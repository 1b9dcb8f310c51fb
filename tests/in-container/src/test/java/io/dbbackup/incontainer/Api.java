package io.dbbackup.incontainer;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;

/** Requests to the API, with whatever headers a test wants. */
final class Api {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private Api() {}

    /** An answer; the body is a missing node when it is not JSON. */
    record Answer(int status, String type, HttpResponse<String> http, JsonNode body) {
        String header(String name) {
            return http.headers().firstValue(name).orElse("");
        }

        String text() {
            return http.body();
        }
    }

    static Answer get(String role, String path) {
        return send(role, "GET", path, "", "application/json");
    }

    static Answer post(String role, String path, String json, String... headers) {
        return send(role, "POST", path, json, "application/json", headers);
    }

    /** @param role empty for no credentials */
    static Answer send(String role, String method, String path, String body, String type, String... headers) {
        HttpRequest.Builder request = HttpRequest.newBuilder(
                        URI.create("http://127.0.0.1:" + System.getProperty("dbbackup.test.http.port") + "/api/v1" + path))
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body))
                .header("Content-Type", type);
        if (!role.isEmpty()) {
            request.header("Authorization", Http.as(role));
        }
        if (headers.length > 0) {
            request.headers(headers);
        }
        try {
            HttpResponse<String> answer = CLIENT.send(request.build(), BodyHandlers.ofString());
            String answered = answer.headers().firstValue("Content-Type").orElse("");
            return new Answer(
                    answer.statusCode(),
                    answered,
                    answer,
                    answered.contains("json") ? JSON.readTree(answer.body()) : JSON.missingNode());
        } catch (IOException e) {
            throw new IllegalStateException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }
}
