package io.dbbackup.store.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.BlobWriter;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Versions and immutability, which Azurite does not have: the answers are those that Microsoft documents. This proves
 * our words and requests, not anybody's lock.
 */
class AzureLockTest {
    private final List<String> requests = new ArrayList<>();
    private final Map<String, String> blob = new HashMap<>(Map.of("etag", "\"1\""));
    private final Map<String, String> container = new HashMap<>();
    private String refusal = "";
    private boolean keepWriter = true;
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
    void a_retained_blob_names_the_date_and_is_not_even_tried_to_delete() {
        blob.put("x-ms-immutability-policy-until-date", "Thu, 01 May 2031 12:00:00 GMT");
        assertRefused("delete refused until 2031-05-01T12:00:00Z", "Run retention again");
        assertThat(requests).noneMatch(request -> request.startsWith("DELETE"));
    }

    @Test
    void a_legal_hold_is_told_from_a_retention() {
        blob.put("x-ms-legal-hold", "true");
        assertRefused("legal hold", "Lift it");
    }

    @Test
    void a_policy_of_the_container_that_tells_no_date_is_explained() {
        refusal = "BlobImmutableDueToPolicy";
        assertRefused("immutability policy", "run retention again");
    }

    @Test
    void a_blob_with_versions_is_deleted_with_its_version() {
        blob.put("x-ms-version-id", "2026-01-01T00:00:00.0000000Z");
        try (AzureStore store = store(Map.of())) {
            store.delete("a");
        }
        assertThat(requests).containsSequence(
                "DELETE /acc/box/a", "DELETE /acc/box/a?versionid=2026-01-01T00:00:00.0000000Z");
    }

    @Test
    void versions_a_policy_and_its_days_are_seen() {
        container.put("x-ms-immutable-storage-with-versioning-enabled", "true");
        blob.put("x-ms-version-id", "v");
        blob.put("x-ms-immutability-policy-until-date",
                AzureClient.DATE.format(Clock.systemUTC().instant().plus(Duration.ofDays(30))));
        try (AzureStore store = store(Map.of())) {
            assertThat(store.capabilities().versioning()).isTrue();
            assertThat(store.capabilities().objectLock()).isTrue();
            assertThat(store.capabilities().lockDays()).contains(30);
        }
    }

    @Test
    void a_retention_of_our_own_goes_with_what_is_written() throws IOException {
        try (AzureStore store = store(Map.of("lockDays", "7", "lockMode", "locked", "accessTier", "Cool"))) {
            try (BlobWriter writer = store.create("new", OptionalLong.empty())) {
                writer.write(new byte[10], 0, 10);
                writer.commit();
            }
        }
        String put = requests.stream().filter(r -> r.startsWith("PUT /acc/box/new")).findFirst().orElseThrow();
        assertThat(put).contains("mode=locked", "tier=Cool", "until=");
        Instant until = AzureXml.instant(put.substring(put.indexOf("until=") + 6)).orElseThrow();
        assertThat(Duration.between(Instant.now(), until)).isBetween(Duration.ofDays(6), Duration.ofDays(7));
    }

    @Test
    void an_answer_that_was_lost_does_not_make_our_own_blob_somebody_else_s() throws IOException {
        for (int size : new int[] {10, 6_000_000}) {
            refusal = "BlobAlreadyExists"; // to the repeated request, after the first has written the blob
            try (AzureStore store = store(Map.of("partBytes", "5M"));
                    BlobWriter writer = store.create("new", OptionalLong.empty())) {
                writer.write(new byte[size], 0, size);
                blob.put("content-length", "" + size);
                assertThat(writer.commit()).isEqualTo(size);
            }
            blob.put("x-ms-meta-" + BlockUpload.WRITER, "somebody else");
            try (AzureStore store = store(Map.of()); BlobWriter writer = store.create("new", OptionalLong.empty())) {
                keepWriter = false;
                assertThatThrownBy(writer::commit).isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BLOB_EXISTS));
            }
            keepWriter = true;
        }
    }

    private void assertRefused(String... said) {
        try (AzureStore store = store(Map.of())) {
            assertThatThrownBy(() -> store.delete("a"))
                    .isInstanceOfSatisfying(
                            BackupException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.BLOB_LOCKED))
                    .hasMessageContainingAll(said);
        }
    }

    private AzureStore store(Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(more);
        settings.put("endpoint", "http://127.0.0.1:" + server.getAddress().getPort());
        settings.put("account", "acc");
        settings.put("container", "box");
        settings.put("accountKeySecret", "env:KEY");
        return Azurite.store(settings);
    }

    private void answer(HttpExchange exchange) throws IOException {
        exchange.getRequestBody().readAllBytes();
        String uri = exchange.getRequestURI().getPath()
                + (exchange.getRequestURI().getQuery() == null ? "" : "?" + exchange.getRequestURI().getQuery());
        String until = exchange.getRequestHeaders().getFirst("x-ms-immutability-policy-until-date");
        synchronized (requests) {
            requests.add(exchange.getRequestMethod() + " " + uri + (until == null ? "" : " mode="
                    + exchange.getRequestHeaders().getFirst("x-ms-immutability-policy-mode") + " tier="
                    + exchange.getRequestHeaders().getFirst("x-ms-access-tier") + " until=" + until));
        }
        int status = exchange.getRequestMethod().equals("PUT") ? 201 : 200;
        String writer = exchange.getRequestHeaders().getFirst("x-ms-meta-" + BlockUpload.WRITER);
        if (writer != null && keepWriter) {
            blob.put("x-ms-meta-" + BlockUpload.WRITER, writer);
        }
        boolean refused = exchange.getRequestMethod().equals("DELETE") || writer != null;
        if (refused && !refusal.isEmpty()) {
            status = 409;
            exchange.getResponseHeaders().add("x-ms-error-code", refusal);
        } else if (uri.contains("restype=container")) {
            container.forEach(exchange.getResponseHeaders()::add);
        } else {
            blob.forEach(exchange.getResponseHeaders()::add);
        }
        byte[] list = uri.contains("comp=list") ? "<EnumerationResults/>".getBytes() : new byte[0];
        exchange.sendResponseHeaders(status, list.length == 0 ? -1 : list.length);
        exchange.getResponseBody().write(list);
        exchange.close();
    }
}
