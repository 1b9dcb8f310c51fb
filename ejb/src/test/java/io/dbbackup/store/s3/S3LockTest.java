package io.dbbackup.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * How the refusal of a locked object reads. No server that can be installed here enforces locks, so the answers are
 * those that Amazon documents; this proves our words, not anybody's lock.
 */
class S3LockTest {
    private final AtomicReference<String> deleted = new AtomicReference<>("");
    private final Map<String, String> headers = new HashMap<>();
    private HttpServer server;

    @BeforeEach
    void start() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::answer);
        server.start();
    }

    @AfterEach
    void stop() {
        server.stop(0);
    }

    @Test
    void a_refused_delete_names_the_date() {
        headers.put("x-amz-object-lock-mode", "COMPLIANCE");
        headers.put("x-amz-object-lock-retain-until-date", "2031-05-01T12:00:00.000Z");
        assertRefused("delete refused until 2031-05-01T12:00:00Z", "COMPLIANCE");
        assertThat(deleted.get()).as("the version, not only the name").contains("versionId=v1");
    }

    @Test
    void a_legal_hold_is_told_from_a_retention() {
        headers.put("x-amz-object-lock-legal-hold", "ON");
        assertRefused("legal hold", "Lift it");
    }

    @Test
    void a_date_that_head_does_not_tell_is_asked_for() {
        assertRefused("delete refused until 2032-01-01T00:00:00Z", "retention");
    }

    private void assertRefused(String... said) {
        try (S3Store store = S3Peer.store(S3Peer.settings(server.getAddress().getPort(), "p"))) {
            assertThatThrownBy(() -> store.delete("a"))
                    .isInstanceOfSatisfying(
                            BackupException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BLOB_LOCKED))
                    .hasMessageContainingAll(said);
        }
    }

    private void answer(HttpExchange exchange) throws IOException {
        String query = String.valueOf(exchange.getRequestURI().getQuery());
        String body = "";
        int status = 200;
        if (exchange.getRequestMethod().equals("DELETE")) {
            deleted.set(query);
            status = 403;
            body = "<Error><Code>AccessDenied</Code>"
                    + "<Message>Access Denied because object protected by object lock.</Message></Error>";
        } else if (query.contains("retention")) {
            body = "<Retention><Mode>GOVERNANCE</Mode>"
                    + "<RetainUntilDate>2032-01-01T00:00:00.000Z</RetainUntilDate></Retention>";
        } else {
            exchange.getResponseHeaders().add("x-amz-version-id", "v1");
            headers.forEach(exchange.getResponseHeaders()::add);
        }
        boolean head = exchange.getRequestMethod().equals("HEAD");
        exchange.sendResponseHeaders(status, head || body.isEmpty() ? -1 : body.length());
        exchange.getResponseBody().write(body.getBytes());
        exchange.close();
    }
}
