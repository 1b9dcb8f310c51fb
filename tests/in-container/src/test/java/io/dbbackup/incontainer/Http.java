package io.dbbackup.incontainer;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Requests to the server under test, with the account of a role or without any. */
final class Http {
    private static final HttpClient CLIENT = HttpClient.newHttpClient();

    private Http() {}

    static HttpResponse<String> application(String method, String path, String authorization)
            throws IOException, InterruptedException {
        return send(System.getProperty("dbbackup.test.http.port"), method, path, authorization, "");
    }

    static HttpResponse<String> management(String method, String path, String authorization, String body)
            throws IOException, InterruptedException {
        return send(System.getProperty("dbbackup.test.management.port"), method, path, authorization, body);
    }

    /** A management operation as JSON, the way HAL sends it. */
    static String operation(String role, String json) throws IOException, InterruptedException {
        return management("POST", "/management", as(role), json).body();
    }

    static String as(String role) {
        return basic(role, System.getProperty("dbbackup.test.password." + role));
    }

    static String basic(String user, String password) {
        byte[] pair = (user + ":" + password).getBytes(StandardCharsets.UTF_8);
        return "Basic " + Base64.getEncoder().encodeToString(pair);
    }

    /** What comes first over a new connection; with an AssertionError when it is not there, whole, after ten seconds. */
    static HttpResponse<String> first(String path, String authorization) throws Exception {
        HttpRequest request = request(System.getProperty("dbbackup.test.http.port"), path)
                .header("Authorization", authorization).header("Accept", "application/json").build();
        try {
            // a timeout of the request would end with its header
            return HttpClient.newHttpClient().sendAsync(request, BodyHandlers.ofString()).get(10, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new AssertionError("the answer to " + path + " does not end", e);
        }
    }

    private static HttpRequest.Builder request(String port, String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + path));
    }

    private static HttpResponse<String> send(String port, String method, String path, String authorization, String body)
            throws IOException, InterruptedException {
        HttpRequest.Builder request = request(port, path)
                .header("Content-Type", "application/json")
                .method(method, body.isEmpty() ? BodyPublishers.noBody() : BodyPublishers.ofString(body));
        if (authorization != null) {
            request.header("Authorization", authorization);
        }
        return CLIENT.send(request.build(), BodyHandlers.ofString());
    }
}
