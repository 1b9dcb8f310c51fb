package io.dbbackup.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.pipeline.Blobs;
import io.dbbackup.spi.StoreCapabilities;
import java.io.IOException;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import org.junit.jupiter.api.Test;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumMode;
import software.amazon.awssdk.services.s3.model.DefaultRetention;
import software.amazon.awssdk.services.s3.model.ObjectLockEnabled;
import software.amazon.awssdk.services.s3.model.ObjectLockRetentionMode;

/** What a bucket can do is found out by asking and trying; options reach the store. */
class S3CapabilitiesTest {
    @Test
    void a_plain_bucket_has_no_versions_and_no_locks() {
        for (S3Peer peer : new S3Peer[] {S3Peer.s3proxy(), S3Peer.s3mock()}) {
            try (S3Store store = S3Peer.store(peer.settings())) {
                assertThat(store.capabilities())
                        .isEqualTo(new StoreCapabilities(true, false, true, false, false, Optional.empty()));
            }
        }
    }

    @Test
    void versions_and_the_default_retention_of_a_bucket_are_seen() {
        Map<String, String> settings = S3Peer.s3mock().settings();
        settings.put("bucket", "locked-" + UUID.randomUUID());
        try (S3Client client = S3Peer.client(settings); S3Store store = S3Peer.store(settings)) {
            client.createBucket(request -> request.bucket(settings.get("bucket")).objectLockEnabledForBucket(true));
            client.putObjectLockConfiguration(request -> request.bucket(settings.get("bucket"))
                    .objectLockConfiguration(configuration -> configuration
                            .objectLockEnabled(ObjectLockEnabled.ENABLED)
                            .rule(rule -> rule.defaultRetention(DefaultRetention.builder()
                                    .mode(ObjectLockRetentionMode.GOVERNANCE)
                                    .days(30)
                                    .build()))));
            StoreCapabilities capabilities = store.capabilities();
            assertThat(capabilities.objectLock()).isTrue();
            assertThat(capabilities.lockDays()).contains(30);
            store.probe();
            assertThat(store.children("")).isEmpty();
        }
    }

    @Test
    void small_and_multipart_blobs_carry_checksums_that_the_store_verified() throws IOException {
        Map<String, String> settings = S3Peer.s3mock().settings();
        settings.put("checksum", "WHEN_SUPPORTED");
        settings.put("storageClass", "STANDARD_IA");
        settings.put("sse", "AES256");
        try (S3Client client = S3Peer.client(settings); S3Store store = S3Peer.store(settings)) {
            for (int bytes : new int[] {1000, 12_000_000}) {
                String name = "blob-" + bytes;
                byte[] content = Blobs.random(bytes);
                try (BlobWriter writer = store.create(name, OptionalLong.of(bytes))) {
                    writer.write(content, 0, bytes);
                    writer.commit();
                }
                var head = client.headObject(request -> request.bucket(settings.get("bucket"))
                        .key(settings.get("prefix") + "/" + name)
                        .checksumMode(ChecksumMode.ENABLED));
                assertThat(head.checksumCRC32C()).as(name).isNotBlank();
                assertThat(head.storageClassAsString()).isEqualTo("STANDARD_IA");
                if (bytes == 1000) { // of a multipart upload S3Mock forgets it
                    assertThat(head.serverSideEncryptionAsString()).isEqualTo("AES256");
                }
                assertThat(store.open(name, 0).readAllBytes()).isEqualTo(content);
            }
        }
    }

    @Test
    void a_retention_of_our_own_goes_with_what_is_written() throws IOException {
        Map<String, String> settings = S3Peer.s3mock().settings();
        settings.put("bucket", "retained-" + UUID.randomUUID());
        settings.put("lockDays", "7");
        try (S3Client client = S3Peer.client(settings); S3Store store = S3Peer.store(settings)) {
            client.createBucket(request -> request.bucket(settings.get("bucket")).objectLockEnabledForBucket(true));
            assertThat(store.capabilities().lockDays()).contains(7);
            for (int bytes : new int[] {10, 6_000_000}) {
                try (BlobWriter writer = store.create("blob-" + bytes, OptionalLong.empty())) {
                    writer.write(Blobs.random(bytes), 0, bytes);
                    writer.commit();
                }
                // S3Mock accepts the retention, forgets it and lets everything be deleted: nothing more is proven here
                assertThat(store.stat("blob-" + bytes).orElseThrow().bytes()).isEqualTo(bytes);
            }
        }
    }
}
