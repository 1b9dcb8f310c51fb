package io.dbbackup.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.pipeline.Blobs;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.BlobStoreContract;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.MultipartUpload;

/** What every S3 server has to give. */
abstract class S3StoreContract extends BlobStoreContract {
    private static final int PART = 5 * 1024 * 1024;

    private Map<String, String> settings;

    protected abstract S3Peer peer();

    protected final Map<String, String> settings() {
        if (settings == null) {
            settings = peer().settings();
        }
        return settings;
    }

    @Override
    protected BlobStore connect() {
        return S3Peer.store(settings());
    }

    @Override
    protected int bytesThatReachTheStore() {
        return 2 * PART + 17;
    }

    @Override
    protected void settle(String name) throws InterruptedException {
        awaitParts(name, 2);
    }

    private void awaitParts(String name, int count) throws InterruptedException {
        try (S3Client client = S3Peer.client(settings())) {
            while (parts(client, settings().get("prefix") + "/" + name) < count) {
                Thread.sleep(20);
            }
        }
    }

    /** Of another server, perhaps: a large blob takes longer to send than a leftover may live. */
    @Test
    void an_upload_to_which_parts_still_come_is_no_leftover() throws Exception {
        byte[] bytes = Blobs.random(bytesThatReachTheStore());
        Duration young = Duration.ofSeconds(5);
        try (BlobStore sender = connect();
                BlobWriter writer = sender.create("s/long", OptionalLong.empty())) {
            writer.write(bytes, 0, bytes.length);
            awaitParts("s/long", 2);
            Instant old = Instant.now().plus(young).plusSeconds(1);
            while (Instant.now().isBefore(old)) {
                Thread.sleep(20);
            }
            writer.write(bytes, 0, bytes.length);
            awaitParts("s/long", 4);

            assertThat(store.sweepLeftovers("s/", young)).isZero();
            assertThat(writer.commit()).isEqualTo(2L * bytes.length);
        }
    }

    private static int parts(S3Client client, String key) {
        int parts = 0;
        for (MultipartUpload upload : client.listMultipartUploads(r -> r.bucket(S3Peer.BUCKET).prefix(key)).uploads()) {
            parts += client.listParts(r -> r.bucket(S3Peer.BUCKET).key(upload.key()).uploadId(upload.uploadId()))
                    .parts()
                    .size();
        }
        return parts;
    }
}
