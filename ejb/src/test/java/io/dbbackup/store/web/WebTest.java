package io.dbbackup.store.web;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.http.HttpRequest;
import java.net.http.HttpTimeoutException;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Queue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class WebTest {
    private final Queue<Integer> statuses = new ArrayDeque<>();
    private final AtomicInteger requests = new AtomicInteger();
    private final CountDownLatch end = new CountDownLatch(1);
    private Map<String, String> headers = Map.of();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", exchange -> {
            requests.incrementAndGet();
            headers.forEach(exchange.getResponseHeaders()::add);
            Integer status = statuses.poll();
            exchange.sendResponseHeaders(status == null ? 200 : status, 4);
            exchange.getResponseBody().write("body".getBytes());
            exchange.close();
        });
        server.createContext("/silent", exchange -> {
            exchange.sendResponseHeaders(200, 1000);
            exchange.getResponseBody().write(new byte[10]);
            exchange.getResponseBody().flush();
            try {
                end.await();
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            exchange.close();
        });
        server.setExecutor(Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "server");
            thread.setDaemon(true);
            return thread;
        }));
        server.start();
    }

    @AfterEach
    void stop() {
        end.countDown();
        server.stop(0);
    }

    @Test
    void what_may_pass_is_asked_again_and_what_will_not_is_an_answer() {
        try (Web web = new Web(Optional.empty(), 3)) {
            statuses.addAll(List.of(503, 500, 408));
            headers = Map.of("Retry-After", "0");
            assertThat(web.send(this::request).text()).isEqualTo("body");
            assertThat(requests).hasValue(4);

            statuses.add(412);
            assertThat(web.send(this::request).status()).isEqualTo(412);
            statuses.add(302);
            assertThat(web.send(this::request).status()).as("never followed").isEqualTo(302);
            assertThat(requests).hasValue(6);
        }
    }

    @Test
    void the_last_refusal_is_the_answer() {
        try (Web web = new Web(Optional.empty(), 1)) {
            statuses.addAll(List.of(500, 502));
            assertThat(web.send(this::request).status()).isEqualTo(502);
        }
    }

    @Test
    void a_server_that_asks_for_time_gets_it() {
        try (Web web = new Web(Optional.empty(), 1)) {
            statuses.add(429);
            headers = Map.of("Retry-After", "1");
            Instant begin = Instant.now();
            assertThat(web.send(this::request).success()).isTrue();
            assertThat(Duration.between(begin, Instant.now())).isGreaterThan(Duration.ofMillis(990));
        }
    }

    @Test
    void a_body_that_falls_silent_ends_with_an_error_and_closing_frees_its_reader() throws Exception {
        try (Web web = new Web(Optional.empty(), 0, Duration.ofMillis(200))) {
            try (InputStream in = web.open(() -> request("/silent")).content().orElseThrow()) {
                assertThat(in.readNBytes(10)).hasSize(10);
                assertThatThrownBy(in::read).isInstanceOf(HttpTimeoutException.class);
            }
        }
        try (Web web = new Web(Optional.empty(), 0)) {
            InputStream in = web.open(() -> request("/silent")).content().orElseThrow();
            in.readNBytes(10);
            Thread closer = new Thread(() -> {
                try {
                    in.close();
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            });
            closer.start();
            assertThatThrownBy(in::read).isInstanceOf(IOException.class).hasMessage("closed");
            closer.join();
        }
    }

    private HttpRequest request() {
        return request("/");
    }

    private HttpRequest request(String path) {
        return HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + server.getAddress().getPort() + path))
                .build();
    }
}
