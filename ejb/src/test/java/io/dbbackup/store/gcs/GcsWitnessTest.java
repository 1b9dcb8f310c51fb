package io.dbbackup.store.gcs;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.pipeline.Blobs;
import io.dbbackup.store.Rclone;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Google's own library for Go, in rclone, understands the answers that our store is tested with, logs in with the same
 * key file, and reads what we wrote.
 */
class GcsWitnessTest {
    @TempDir
    Path temp;

    @Test
    void rclone_reads_what_we_wrote_and_we_read_what_it_wrote() throws Exception {
        byte[] small = Blobs.random(70_000);
        byte[] large = Blobs.random(18 * 1024 * 1024 + 3);
        try (FakeGcs google = new FakeGcs()) {
            Map<String, String> settings = GcsPeer.settings(google.port());
            String place = "peer:" + FakeGcs.BUCKET + "/" + settings.get("prefix") + "/";
            Path key = Files.writeString(temp.resolve("key.json"), google.keyFile());
            Rclone rclone = new Rclone(temp, Map.of(
                    "TYPE", "google cloud storage",
                    "SERVICE_ACCOUNT_FILE", key.toString(),
                    "BUCKET_POLICY_ONLY", "true",
                    "ENDPOINT", settings.get("endpoint") + "/storage/v1/"));
            try (GcsStore store = GcsPeer.store(settings, google.keyFile())) {
                put(store, "set/db/small.zst", small);
                put(store, "set/large", large);

                assertThat(new String(rclone.run(
                                new byte[0], "lsf", "--recursive", "--files-only", "--format", "sp", place)))
                        .contains("70000;set/db/small.zst", large.length + ";set/large");
                assertThat(rclone.run(new byte[0], "cat", place + "set/db/small.zst")).isEqualTo(small);
                assertThat(rclone.run(new byte[0], "cat", place + "set/large")).isEqualTo(large);

                // more than its chunk of 16 MiB: a resumable upload
                rclone.run(large, "rcat", place + "set/of-rclone");
                assertThat(store.open("set/of-rclone", 0).readAllBytes()).isEqualTo(large);
                assertThat(google.requests).anyMatch(request -> request.contains("upload_id="));
            }
        }
    }

    private static void put(GcsStore store, String name, byte[] bytes) throws IOException {
        try (BlobWriter writer = store.create(name, OptionalLong.of(bytes.length))) {
            writer.write(bytes, 0, bytes.length);
            writer.commit();
        }
    }
}
