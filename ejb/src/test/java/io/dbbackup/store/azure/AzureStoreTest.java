package io.dbbackup.store.azure;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.pipeline.Blobs;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.BlobStoreContract;
import io.dbbackup.spi.StoreCapabilities;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** The contract against Azurite, and what is in the container. */
class AzureStoreTest extends BlobStoreContract {
    private static final int PART = 5 * 1024 * 1024;

    private final Map<String, String> settings = Azurite.get().settings();
    private final AzureKeys keys = new AzureKeys(settings.get("prefix") + "/");

    @Override
    protected BlobStore connect() {
        return Azurite.store(settings);
    }

    @Override
    protected int bytesThatReachTheStore() {
        return 2 * PART + 17;
    }

    @Override
    protected void settle(String name) throws InterruptedException {
        while (waiting(name).size() < 2) {
            Thread.sleep(20);
        }
    }

    private List<AzureXml.Block> waiting(String name) {
        try (AzureClient client = Azurite.client(settings)) {
            return new AzureObjects(client, null, null).waiting(keys.key(name));
        }
    }

    @Test
    void a_plain_container_creates_only_and_has_neither_versions_nor_locks() {
        assertThat(store.capabilities())
                .isEqualTo(new StoreCapabilities(true, false, true, false, false, Optional.empty()));
    }

    @Test
    void blocks_of_an_upload_carry_its_id_and_are_gone_after_the_commit() throws Exception {
        byte[] bytes = Blobs.random(3 * PART);
        try (BlobWriter writer = store.create("a", OptionalLong.empty())) {
            assertThat(writer.resumeToken()).isEmpty();
            writer.write(bytes, 0, bytes.length);
            settle("a");
            String token = writer.resumeToken().orElseThrow();
            assertThat(waiting("a"))
                    .allMatch(block -> UploadId.ofBlock(block.id()).orElseThrow().upload().text().equals(token));
            writer.commit();
        }
        assertThat(waiting("a")).isEmpty();
        assertThat(read("a", PART - 1)).isEqualTo(java.util.Arrays.copyOfRange(bytes, PART - 1, bytes.length));
    }

    /** A crash between the two requests that discard an upload. */
    @Test
    void an_empty_blob_that_discarded_an_upload_is_never_seen_and_is_swept() throws IOException {
        try (AzureClient client = Azurite.client(settings)) {
            client.send(AzureRequest.of("PUT", keys.key("set/a"))
                    .header("x-ms-blob-type", "BlockBlob")
                    .header("x-ms-meta-" + BlockUpload.DISCARDED, "true"));
        }
        assertThat(store.stat("set/a")).isEmpty();
        assertThat(listed("")).isEmpty();
        assertFails(io.dbbackup.model.ErrorCode.BLOB_MISSING, () -> store.open("set/a", 0));
        store.sweepLeftovers("", Duration.ZERO);
        assertThat(store.children("")).isEmpty();
        put("set/a", new byte[3]);
        assertThat(read("set/a", 0)).hasSize(3);
    }

    /** Blocks do not say when they came, so that nobody can see whether another server is still at it. */
    @Test
    void an_upload_may_take_days() throws Exception {
        byte[] bytes = Blobs.random(bytesThatReachTheStore());
        try (BlobWriter writer = store.create("set/a", OptionalLong.empty())) {
            writer.write(bytes, 0, bytes.length);
            settle("set/a");
            try (BlobStore later = storeIn(Duration.ofDays(6))) {
                assertThat(later.sweepLeftovers("set/", Duration.ofHours(24))).isZero();
            }
            assertThat(writer.commit()).isEqualTo(bytes.length);
        }
        assertThat(read("set/a", 0)).isEqualTo(bytes);
    }

    @Test
    void an_upload_that_began_more_than_a_week_ago_is_a_leftover() throws Exception {
        byte[] bytes = Blobs.random(bytesThatReachTheStore());
        try (BlobWriter writer = store.create("set/a", OptionalLong.empty())) {
            writer.write(bytes, 0, bytes.length);
            settle("set/a");
            try (BlobStore later = storeIn(Duration.ofDays(8))) {
                assertThat(later.sweepLeftovers("set/", Duration.ofHours(24))).isPositive();
            }
        }
    }

    private BlobStore storeIn(Duration time) {
        return Azurite.store(settings, Clock.offset(Clock.systemUTC(), time));
    }

    @Test
    void another_writer_s_blocks_of_the_same_name_are_left_alone() throws Exception {
        byte[] bytes = Blobs.random(bytesThatReachTheStore());
        try (BlobWriter first = store.create("a", OptionalLong.empty())) {
            first.write(bytes, 0, bytes.length);
            settle("a");
            try (BlobWriter second = store.create("a", OptionalLong.empty())) {
                second.write(bytes, 0, bytes.length);
                while (waiting("a").size() < 4) {
                    Thread.sleep(20);
                }
            }
            assertThat(first.commit()).isEqualTo(bytes.length);
        }
        assertThat(read("a", 0)).isEqualTo(bytes);
    }
}
