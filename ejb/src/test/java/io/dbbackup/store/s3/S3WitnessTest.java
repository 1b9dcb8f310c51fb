package io.dbbackup.store.s3;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.pipeline.Blobs;
import io.dbbackup.store.Rclone;
import java.io.IOException;
import java.nio.file.Path;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that is not ours (rclone, in Go) reads what we wrote, and we read what it wrote. */
class S3WitnessTest {
    @TempDir
    Path temp;

    private final S3Peer peer = S3Peer.s3proxy();
    private final Map<String, String> settings = peer.settings();

    @Test
    void rclone_reads_what_we_wrote_and_we_read_what_it_wrote() throws Exception {
        byte[] small = Blobs.random(70_000);
        byte[] large = Blobs.random(12 * 1024 * 1024 + 3);
        try (S3Store store = S3Peer.store(settings)) {
            put(store, "set/db/small.zst", small);
            put(store, "set/large", large);

            assertThat(new String(rclone(new byte[0], "lsf", "--recursive", "--files-only", "--format", "sp", where(""))))
                    .contains("70000;set/db/small.zst", "12582915;set/large");
            assertThat(rclone(new byte[0], "cat", where("set/db/small.zst"))).isEqualTo(small);
            assertThat(rclone(new byte[0], "cat", where("set/large"))).isEqualTo(large);

            rclone(small, "rcat", where("set/of-rclone"));
            assertThat(store.open("set/of-rclone", 0).readAllBytes()).isEqualTo(small);
        }
    }

    private String where(String name) {
        return "peer:" + S3Peer.BUCKET + "/" + settings.get("prefix") + "/" + name;
    }

    private byte[] rclone(byte[] input, String... arguments) throws IOException, InterruptedException {
        return new Rclone(temp, Map.of(
                        "TYPE", "s3",
                        "PROVIDER", "Other",
                        "ENDPOINT", settings.get("endpoint"),
                        "ACCESS_KEY_ID", S3Peer.ACCESS_KEY,
                        "SECRET_ACCESS_KEY", S3Peer.SECRET_KEY,
                        "REGION", "us-east-1"))
                .run(input, arguments);
    }

    private static void put(S3Store store, String name, byte[] bytes) throws IOException {
        try (BlobWriter writer = store.create(name, OptionalLong.of(bytes.length))) {
            writer.write(bytes, 0, bytes.length);
            writer.commit();
        }
    }
}
