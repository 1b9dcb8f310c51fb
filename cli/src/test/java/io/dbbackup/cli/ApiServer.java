package io.dbbackup.cli;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;

/** An HTTP server with prepared answers: what the client makes of them is tested, not the API. */
final class ApiServer implements AutoCloseable {
    /**
     * What a client asked.
     *
     * @param upgrade the protocol that it offered to go on with; null when it offered none
     */
    record Asked(
            String method, String path, String query, String body, String authorization, String agent, String key, String upgrade) {}

    private record Answer(int status, String type, String body) {}

    private final Map<String, Deque<Answer>> answers = new ConcurrentHashMap<>();
    private final List<Asked> asked = new CopyOnWriteArrayList<>();
    /** To everything; null: what was prepared for each. */
    private volatile Answer always;
    private HttpServer http;
    private final int port;

    ApiServer() throws IOException {
        port = listen(0);
    }

    private int listen(int at) throws IOException {
        http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), at), 0);
        http.createContext("/", this::handle);
        http.start();
        return http.getAddress().getPort();
    }

    String url() {
        return "http://127.0.0.1:" + port;
    }

    /** The next answer to this request; the last one given is repeated. */
    ApiServer answers(String request, int status, String json) {
        return answers(request, status, status < 400 ? "application/json" : "application/problem+json", json);
    }

    ApiServer answers(String request, int status, String type, String body) {
        answers.computeIfAbsent(request, r -> new ArrayDeque<>()).add(new Answer(status, type, body));
        return this;
    }

    /** The answer to everything from now on, of a redirect with a place elsewhere. */
    void always(int status, String type, String body) {
        always = new Answer(status, type, body);
    }

    List<Asked> asked() {
        return asked;
    }

    Asked asked(String method, String path) {
        return asked.stream()
                .filter(a -> a.method().equals(method) && a.path().equals(path))
                .findFirst()
                .orElseThrow(() -> new AssertionError(method + " " + path + " was never asked, but " + asked));
    }

    /** Goes away, as a server that is killed. */
    void die() {
        http.stop(0);
    }

    void comeBack() throws IOException {
        listen(port);
    }

    private void handle(HttpExchange exchange) throws IOException {
        String path = exchange.getRequestURI().getPath().replaceFirst("^/api/v1", "");
        asked.add(new Asked(
                exchange.getRequestMethod(),
                path,
                String.valueOf(exchange.getRequestURI().getQuery()),
                new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8),
                exchange.getRequestHeaders().getFirst("Authorization"),
                exchange.getRequestHeaders().getFirst("User-Agent"),
                exchange.getRequestHeaders().getFirst("Idempotency-Key"),
                exchange.getRequestHeaders().getFirst("Upgrade")));
        Deque<Answer> prepared = answers.get(exchange.getRequestMethod() + " " + path);
        Answer answer;
        if (always != null) {
            answer = always;
        } else if (prepared == null) {
            answer = new Answer(404, "text/plain", "nothing prepared for " + path);
        } else {
            synchronized (prepared) {
                answer = prepared.size() > 1 ? prepared.poll() : prepared.peek();
            }
        }
        byte[] body = answer.body().getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", answer.type());
        if (answer.status() / 100 == 3) {
            exchange.getResponseHeaders().set("Location", "https://elsewhere" + exchange.getRequestURI());
        }
        exchange.sendResponseHeaders(answer.status(), body.length == 0 ? -1 : body.length);
        exchange.getResponseBody().write(body);
        exchange.close();
    }

    @Override
    public void close() {
        http.stop(0);
    }
}
