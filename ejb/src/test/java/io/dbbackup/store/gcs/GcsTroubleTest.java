package io.dbbackup.store.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.pipeline.Blobs;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.store.FaultyNetwork;
import io.dbbackup.store.PeerProcess;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.util.Map;
import java.util.OptionalLong;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What happens when the store or the way to it does not do what it should; answers as Google documents them. */
class GcsTroubleTest {
    private static final int MIB = 1024 * 1024;

    private FakeGcs google;
    private FaultyNetwork network;
    private Map<String, String> settings;

    @BeforeEach
    void connect() throws IOException {
        google = new FakeGcs();
        network = new FaultyNetwork(google.port());
        settings = GcsPeer.settings(network.port());
    }

    @AfterEach
    void disconnect() throws IOException {
        network.close();
        google.close();
    }

    private GcsStore store() {
        return GcsPeer.store(settings, google.keyFile());
    }

    @Test
    void a_key_that_google_does_not_know_is_told_and_never_shown() {
        String key = google.strangersKeyFile();
        try (GcsStore store = GcsPeer.store(settings, key)) {
            assertFails(ErrorCode.STORE_AUTHENTICATION_FAILED, store::probe, "service_account_key");
            assertThatThrownBy(store::probe).hasStackTraceContaining("Invalid JWT Signature");
        }
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', value = {
        "no json | not JSON",
        "{\"type\":\"authorized_user\"} | service_account",
        "{\"type\":\"service_account\",\"private_key\":\"c2VjcmV0\"} | private_key"
    })
    void a_file_that_is_no_key_is_told_and_never_shown(String file, String said) {
        assertFails(ErrorCode.INVALID_CONFIGURATION, () -> GcsPeer.store(settings, file), said);
        assertThatThrownBy(() -> GcsPeer.store(settings, file)).satisfies(
                e -> assertThat(org.assertj.core.util.Throwables.getStackTrace(e)).doesNotContain("c2VjcmV0"));
    }

    @Test
    void a_wrong_clock_is_told_from_a_wrong_key() {
        Clock late = Clock.fixed(Instant.now().plus(Duration.ofHours(2)), ZoneOffset.UTC);
        try (GcsStore store = new GcsStore(
                GcsSettings.of(settings), ServiceAccount.parse(google.keyFile(), ""), late)) {
            assertFails(ErrorCode.STORE_CLOCK_SKEW, store::probe, "clock");
        }
    }

    @Test
    void one_token_serves_many_requests_and_a_revoked_one_is_replaced() throws IOException {
        try (GcsStore store = store()) {
            put(store, "a", new byte[10]);
            store.list("", info -> {});
            assertThat(google.exchanges).hasValue(1);
            google.tokens.clear();
            assertThat(store.open("a", 0).readAllBytes()).hasSize(10);
            assertThat(google.exchanges).hasValue(2);
        }
    }

    @Test
    void a_missing_bucket_is_told_and_never_looks_like_missing_blobs() {
        settings.put("bucket", "no-such-bucket");
        try (GcsStore store = store()) {
            assertFails(ErrorCode.STORE_MISSING, store::probe, "no-such-bucket");
            assertFails(ErrorCode.STORE_MISSING, () -> store.stat("a"), "no-such-bucket");
            assertFails(ErrorCode.STORE_MISSING, () -> store.open("a", 0), "no-such-bucket");
            assertFails(ErrorCode.STORE_MISSING, () -> store.list("", info -> {}), "no-such-bucket");
            assertFails(ErrorCode.STORE_MISSING, () -> put(store, "a", new byte[1]), "no-such-bucket");
        }
    }

    @Test
    void an_endpoint_where_nobody_answers_is_unreachable() throws IOException {
        settings.put("retries", "1");
        settings.put("endpoint", "http://127.0.0.1:" + PeerProcess.freePort());
        try (GcsStore store = store()) {
            assertFails(ErrorCode.STORE_UNREACHABLE, store::probe, "endpoint");
        }
    }

    @Test
    void reading_continues_where_a_connection_dropped() throws IOException {
        byte[] bytes = Blobs.random(4 * MIB);
        try (GcsStore store = store()) {
            put(store, "a", bytes);
            network.breakConnections(4, Integer.MAX_VALUE, 700_000);
            try (InputStream in = store.open("a", 1000)) {
                assertThat(in.readAllBytes()).isEqualTo(java.util.Arrays.copyOfRange(bytes, 1000, bytes.length));
            }
        }
    }

    @Test
    void an_upload_survives_dropped_connections() throws IOException {
        byte[] bytes = Blobs.random(12 * MIB);
        try (GcsStore store = store()) {
            try (BlobWriter writer = store.create("a", OptionalLong.empty())) {
                network.breakConnections(2, 2 * MIB, Integer.MAX_VALUE);
                writer.write(bytes, 0, bytes.length);
                assertThat(writer.commit()).isEqualTo(bytes.length);
            }
            assertThat(store.open("a", 0).readAllBytes()).isEqualTo(bytes);
        }
    }

    @Test
    void a_commit_whose_answer_was_lost_is_a_commit() throws IOException {
        try (GcsStore store = store()) {
            byte[] small = Blobs.random(1000);
            byte[] large = Blobs.random(6 * MIB);
            try (BlobWriter writer = store.create("small", OptionalLong.empty())) {
                writer.write(small, 0, small.length);
                network.breakConnections(1, Integer.MAX_VALUE, 0);
                assertThat(writer.commit()).isEqualTo(1000);
            }
            try (BlobWriter writer = store.create("large", OptionalLong.empty())) {
                writer.write(large, 0, large.length);
                network.breakConnections(2, Integer.MAX_VALUE, 0);
                assertThat(writer.commit()).isEqualTo(large.length);
            }
            assertThat(store.open("small", 0).readAllBytes()).isEqualTo(small);
            assertThat(store.open("large", 0).readAllBytes()).isEqualTo(large);
        }
    }

    @Test
    void an_object_with_another_checksum_is_deleted_and_refused() {
        google.damage = true;
        try (GcsStore store = store()) {
            for (int bytes : new int[] {1000, 6 * MIB}) {
                assertFails(ErrorCode.STORE_IO, () -> put(store, "a", new byte[bytes]), "CRC32C");
                assertThat(store.stat("a")).isEmpty();
            }
        }
    }

    @Test
    void a_refused_delete_names_the_date() throws IOException {
        try (GcsStore store = store()) {
            put(store, "a", new byte[1]);
            google.objectFields = "{\"retentionExpirationTime\":\"2031-05-01T12:00:00.000Z\"}";
            assertFails(ErrorCode.BLOB_LOCKED, () -> store.delete("a"), "delete refused until 2031-05-01T12:00:00Z");
            google.objectFields = "{\"temporaryHold\":true}";
            assertFails(ErrorCode.BLOB_LOCKED, () -> store.delete("a"), "hold");
        }
    }

    @Test
    void versions_and_retention_of_a_bucket_are_seen_and_a_generation_is_deleted() throws IOException {
        google.bucketFields = "{\"versioning\":{\"enabled\":true},\"retentionPolicy\":{\"retentionPeriod\":\"2592000\"}}";
        try (GcsStore store = store()) {
            assertThat(store.capabilities().versioning()).isTrue();
            assertThat(store.capabilities().objectLock()).isTrue();
            assertThat(store.capabilities().lockDays()).contains(30);
            put(store, "a", new byte[1]);
            store.delete("a");
            assertThat(google.requests).anyMatch(request -> request.matches("DELETE .*%2Fa\\?generation=\\d+"));
        }
    }

    @Test
    void a_retention_of_our_own_goes_with_what_is_written() throws IOException {
        settings.put("lockDays", "7");
        settings.put("lockMode", "Locked");
        settings.put("storageClass", "NEARLINE");
        google.bucketFields = "{\"objectRetention\":{\"mode\":\"Enabled\"}}";
        try (GcsStore store = store()) {
            assertThat(store.capabilities().lockDays()).contains(7);
            put(store, "a", new byte[1]);
            try (GcsClient client = new GcsClient(
                    GcsSettings.of(settings), ServiceAccount.parse(google.keyFile(), ""), Clock.systemUTC())) {
                var retention = client.json(GcsRequest.of(
                                "GET", GcsRequest.object(FakeGcs.BUCKET, settings.get("prefix") + "/a")))
                        .path("retention");
                assertThat(retention.path("mode").asText()).isEqualTo("Locked");
                assertThat(Duration.between(Instant.now(), GcsJson.instant(retention.path("retainUntilTime")).orElseThrow()))
                        .isBetween(Duration.ofDays(6), Duration.ofDays(7));
            }
        }
    }

    private static void put(BlobStore store, String name, byte[] bytes) throws IOException {
        try (BlobWriter writer = store.create(name, OptionalLong.of(bytes.length))) {
            writer.write(bytes, 0, bytes.length);
            writer.commit();
        }
    }

    private static void assertFails(ErrorCode code, ThrowingCallable call, String said) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContaining(said);
    }
}
