package io.dbbackup.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.pipeline.Blobs;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.store.FaultyNetwork;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What happens when the store or the way to it does not do what it should. */
class S3TroubleTest {
    private static final int MIB = 1024 * 1024;

    private final S3Peer peer = S3Peer.s3proxy();
    private FaultyNetwork network;
    private Map<String, String> settings;

    @BeforeEach
    void connect() throws IOException {
        network = new FaultyNetwork(peer.port());
        settings = peer.settings(network.port());
    }

    @AfterEach
    void disconnect() throws IOException {
        network.close();
    }

    @Test
    void a_wrong_secret_key_is_told_from_everything_else_and_never_shown() {
        try (BlobStore store = new S3StoreProvider().open(settings, reference -> java.util.Optional.of("wrong-secret"))) {
            assertFails(ErrorCode.STORE_AUTHENTICATION_FAILED, store::probe, "secret_access_key");
            assertThatThrownBy(store::probe).hasMessageNotContaining("wrong-secret");
        }
    }

    @Test
    void an_unknown_key_id_is_told() {
        settings.put("accessKeyId", "AKIASOMEBODYELSE");
        try (S3Store store = S3Peer.store(settings)) {
            assertFails(ErrorCode.STORE_AUTHENTICATION_FAILED, store::probe, "access_key_id");
        }
    }

    @Test
    void a_missing_bucket_is_told_and_never_looks_like_missing_blobs() {
        settings.put("bucket", "no-such-bucket");
        try (S3Store store = S3Peer.store(settings)) {
            assertFails(ErrorCode.STORE_MISSING, store::probe, "no-such-bucket");
            assertFails(ErrorCode.STORE_MISSING, () -> store.stat("a"), "no-such-bucket");
            assertFails(ErrorCode.STORE_MISSING, () -> store.open("a", 0), "no-such-bucket");
            assertFails(ErrorCode.STORE_MISSING, () -> store.list("", info -> {}), "no-such-bucket");
            assertFails(ErrorCode.STORE_MISSING, () -> put(store, "a", new byte[1]), "no-such-bucket");
        }
    }

    @Test
    void an_endpoint_where_nobody_answers_is_unreachable() throws IOException {
        int port;
        try (ServerSocket closed = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = closed.getLocalPort();
        }
        settings = peer.settings(port);
        settings.put("retries", "1");
        try (S3Store store = S3Peer.store(settings)) {
            assertFails(ErrorCode.STORE_UNREACHABLE, store::probe, "endpoint");
        }
    }

    @Test
    void reading_continues_where_a_connection_dropped() throws IOException {
        byte[] bytes = Blobs.random(4 * MIB);
        try (S3Store store = S3Peer.store(settings)) {
            put(store, "a", bytes);
            network.breakConnections(5, Integer.MAX_VALUE, 700_000);
            int before = network.connections();
            try (InputStream in = store.open("a", 1000)) {
                assertThat(in.readAllBytes()).isEqualTo(java.util.Arrays.copyOfRange(bytes, 1000, bytes.length));
            }
            assertThat(network.connections() - before).isGreaterThanOrEqualTo(5);
        }
    }

    @Test
    void reading_gives_up_after_some_attempts_in_vain() throws IOException {
        settings.put("retries", "1");
        try (S3Store store = S3Peer.store(settings)) {
            put(store, "a", Blobs.random(2 * MIB));
            network.breakConnections(1, Integer.MAX_VALUE, 700_000);
            try (InputStream in = store.open("a", 0)) {
                in.readNBytes(100_000);
                network.close();
                assertThatThrownBy(in::readAllBytes).isInstanceOf(IOException.class).hasMessageContaining("at byte");
            }
        }
    }

    @Test
    void an_upload_survives_dropped_connections() throws IOException {
        byte[] bytes = Blobs.random(12 * MIB);
        try (S3Store store = S3Peer.store(settings)) {
            try (BlobWriter writer = store.create("a", OptionalLong.empty())) {
                network.breakConnections(4, 2 * MIB, Integer.MAX_VALUE);
                writer.write(bytes, 0, bytes.length);
                assertThat(writer.commit()).isEqualTo(bytes.length);
            }
            assertThat(store.open("a", 0).readAllBytes()).isEqualTo(bytes);
        }
    }

    @Test
    void a_commit_whose_answer_was_lost_is_a_commit() throws IOException {
        try (S3Store store = S3Peer.store(settings)) {
            store.capabilities();
            byte[] small = Blobs.random(1000);
            byte[] large = Blobs.random(6 * MIB);
            try (BlobWriter writer = store.create("small", OptionalLong.empty())) {
                writer.write(small, 0, small.length);
                network.breakConnections(1, Integer.MAX_VALUE, 0);
                assertThat(writer.commit()).isEqualTo(1000);
            }
            try (BlobWriter writer = store.create("large", OptionalLong.empty())) {
                writer.write(large, 0, large.length);
                // whichever answers these are: that to the last part, to the completion, or to the look after it
                network.breakConnections(3, Integer.MAX_VALUE, 0);
                assertThat(writer.commit()).isEqualTo(large.length);
            }
            assertThat(store.open("small", 0).readAllBytes()).isEqualTo(small);
            assertThat(store.open("large", 0).readAllBytes()).isEqualTo(large);
            assertThat(store.sweepLeftovers("", Duration.ZERO)).isZero();
        }
    }

    @Test
    @Timeout(60)
    void closing_a_store_closes_its_connections() throws Exception {
        try (S3Store store = S3Peer.store(settings)) {
            put(store, "a", new byte[10]);
            assertThat(network.open()).isPositive();
        }
        while (network.open() > 0) { // until the timeout above
            Thread.sleep(10);
        }
    }

    @Test
    @Timeout(60)
    void abort_frees_a_writer_that_hangs_in_the_network_within_two_seconds() throws Exception {
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try (S3Store store = S3Peer.store(settings)) {
            BlobWriter writer = store.create("a", OptionalLong.empty());
            byte[] bytes = new byte[6 * MIB];
            writer.write(bytes, 0, bytes.length);
            network.fallSilent();
            CountDownLatch writing = new CountDownLatch(1);
            Future<?> stuck = pool.submit(() -> {
                writing.countDown();
                for (int i = 0; i < 10; i++) {
                    writer.write(bytes, 0, bytes.length);
                }
                return writer.commit();
            });
            writing.await();
            assertThatThrownBy(() -> stuck.get(300, TimeUnit.MILLISECONDS)).as("it hangs")
                    .isInstanceOf(java.util.concurrent.TimeoutException.class);

            Instant begin = Instant.now();
            writer.abort();
            assertThatThrownBy(() -> stuck.get(2, TimeUnit.SECONDS))
                    .cause()
                    .isInstanceOfSatisfying(
                            BackupException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CANCELLED));
            writer.close();
            assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(8));
        } finally {
            pool.shutdownNow();
        }
    }

    @Test
    void a_large_blob_of_unknown_size_fits_into_a_small_heap() throws Exception {
        Process uploader = new ProcessBuilder(
                        java.nio.file.Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx44m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1",
                        "-cp", System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        LargeUpload.class.getName(), Integer.toString(peer.port()), settings.get("prefix"))
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try {
            assertThat(new String(uploader.getInputStream().readAllBytes()).strip()).isEqualTo("stored " + LargeUpload.BYTES);
            assertThat(uploader.waitFor()).isZero();
        } finally {
            uploader.destroyForcibly();
        }
        try (S3Store store = S3Peer.store(settings)) {
            assertThat(store.stat("large").orElseThrow().bytes()).isEqualTo(LargeUpload.BYTES);
        }
    }

    /** The process with the small heap. */
    static final class LargeUpload {
        static final long BYTES = 60L * MIB;

        private LargeUpload() {}

        public static void main(String[] arguments) throws IOException {
            Map<String, String> settings = S3Peer.settings(Integer.parseInt(arguments[0]), arguments[1]);
            byte[] block = Blobs.random(MIB);
            try (S3Store store = S3Peer.store(settings);
                    BlobWriter writer = store.create("large", OptionalLong.empty())) {
                for (long written = 0; written < BYTES; written += MIB) {
                    writer.write(block, 0, MIB);
                }
                System.out.println("stored " + writer.commit());
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
