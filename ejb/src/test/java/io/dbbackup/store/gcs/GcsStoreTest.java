package io.dbbackup.store.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.pipeline.Blobs;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.BlobStoreContract;
import io.dbbackup.spi.ResumedUpload;
import io.dbbackup.spi.StoreCapabilities;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** The contract against answers as Google documents them. */
class GcsStoreTest extends BlobStoreContract {
    private static final int PART = 5 * 1024 * 1024;

    private static FakeGcs google;

    private final Map<String, String> settings = GcsPeer.settings(google.port());

    @BeforeAll
    static void start() throws IOException {
        google = new FakeGcs();
    }

    @AfterAll
    static void stop() {
        google.close();
    }

    @Override
    protected BlobStore connect() {
        return GcsPeer.store(settings, google.keyFile());
    }

    @Override
    protected int bytesThatReachTheStore() {
        return 2 * PART + 17;
    }

    @Override
    protected boolean leftoversCanBeFound() {
        return false;
    }

    @Override
    protected void settle(String name) throws InterruptedException {
        while (google.waiting(settings.get("prefix") + "/" + name) < 2 * PART) {
            Thread.sleep(20);
        }
    }

    @Test
    void a_plain_bucket_creates_only_and_has_neither_versions_nor_locks() {
        assertThat(store.capabilities())
                .isEqualTo(new StoreCapabilities(true, false, true, false, false, Optional.empty()));
    }

    @Test
    void what_the_store_did_not_keep_of_a_chunk_is_sent_again() throws IOException {
        byte[] bytes = Blobs.random(3 * PART + 5);
        google.shortChunks.set(6);
        assertThat(put("a", bytes)).isEqualTo(bytes.length);
        assertThat(read("a", 0)).isEqualTo(bytes);
    }

    @Test
    void a_blob_of_whole_chunks_is_completed_by_a_request_without_bytes() throws IOException {
        byte[] bytes = Blobs.random(2 * PART);
        try (BlobWriter writer = store.create("a", OptionalLong.empty())) {
            writer.write(bytes, 0, PART);
            writer.write(bytes, PART, PART);
            assertThat(writer.commit()).isEqualTo(bytes.length);
        }
        assertThat(read("a", PART)).isEqualTo(java.util.Arrays.copyOfRange(bytes, PART, bytes.length));
    }

    @Test
    void a_resume_token_does_not_show_the_session_and_opens_nothing_else() throws Exception {
        byte[] bytes = Blobs.random(bytesThatReachTheStore());
        try (BlobWriter writer = store.create("a", OptionalLong.empty())) {
            writer.write(bytes, 0, bytes.length);
            settle("a");
            String token = writer.resumeToken().orElseThrow();
            assertThat(token).matches("[A-Za-z0-9_-]{100,2000}");
            assertThat(store.resume("b", token)).as("bound to its blob").isEmpty();
            SessionSeal stranger = new SessionSeal(ServiceAccount.parse(google.strangersKeyFile(), "").key());
            assertThat(stranger.open(token, "a")).as("another key").isEmpty();
            Optional<ResumedUpload> resumed = store.resume("a", token);
            assertThat(resumed).isPresent();
            assertThat(resumed.get().storedBytes()).isEqualTo(2L * PART);
        }
    }

    @Test
    void a_taken_name_is_refused_before_much_is_sent() throws IOException {
        put("a", new byte[1]);
        assertFails(ErrorCode.BLOB_EXISTS, () -> put("a", Blobs.random(2 * PART)));
        assertThat(read("a", 0)).hasSize(1);
    }

    @Test
    void an_upload_that_ends_without_a_commit_leaves_no_session() throws Exception {
        int before = google.sessions();
        byte[] bytes = Blobs.random(bytesThatReachTheStore());
        try (BlobWriter writer = store.create("a", OptionalLong.empty())) {
            writer.write(bytes, 0, bytes.length);
            settle("a");
            assertThat(google.sessions()).isGreaterThan(before);
        }
        assertThat(google.sessions()).isEqualTo(before);
    }
}
