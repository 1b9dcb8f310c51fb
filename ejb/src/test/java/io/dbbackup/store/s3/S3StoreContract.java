package io.dbbackup.store.s3;

import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.BlobStoreContract;
import java.util.Map;
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
        try (S3Client client = S3Peer.client(settings())) {
            while (parts(client, settings().get("prefix") + "/" + name) < 2) {
                Thread.sleep(20);
            }
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
