package io.dbbackup.store.azure;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.pipeline.Blobs;
import io.dbbackup.store.Rclone;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A client that is not ours (rclone, with Microsoft's library for Go) reads what we wrote, and we what it wrote. */
class AzureWitnessTest {
    private static final String SAS = Azurite.sas(Instant.now().plusSeconds(3600));

    @TempDir
    Path temp;

    private final Map<String, String> settings = Azurite.withTls().settings();

    @Test
    void rclone_reads_what_we_wrote_and_we_read_what_it_wrote() throws Exception {
        byte[] small = Blobs.random(70_000);
        byte[] large = Blobs.random(12 * 1024 * 1024 + 3);
        try (AzureStore store = Azurite.store(settings)) {
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

    @Test
    void a_shared_access_signature_is_enough() throws IOException {
        settings.remove("accountKeySecret");
        settings.put("sasTokenSecret", "env:AZURE_SAS");
        byte[] bytes = Blobs.random(6 * 1024 * 1024);
        try (AzureStore store = Azurite.store(settings, "?" + SAS)) {
            store.probe();
            put(store, "a", bytes);
            assertThat(store.open("a", 0).readAllBytes()).isEqualTo(bytes);
            assertThat(store.children("")).containsExactly("a");
            store.delete("a");
            assertThat(store.stat("a")).isEmpty();
        }
    }

    private String where(String name) {
        return "peer:" + Azurite.CONTAINER + "/" + settings.get("prefix") + "/" + name;
    }

    private byte[] rclone(byte[] input, String... arguments) throws IOException, InterruptedException {
        String[] all = java.util.Arrays.copyOf(arguments, arguments.length + 2);
        all[arguments.length] = "--ca-cert";
        all[arguments.length + 1] = Azurite.withTls().certificate().toString();
        return new Rclone(temp, Map.of(
                        "TYPE", "azureblob",
                        "SAS_URL", settings.get("endpoint") + "/" + Azurite.ACCOUNT + "?" + SAS))
                .run(input, all);
    }

    private static void put(AzureStore store, String name, byte[] bytes) throws IOException {
        try (BlobWriter writer = store.create(name, OptionalLong.of(bytes.length))) {
            writer.write(bytes, 0, bytes.length);
            writer.commit();
        }
    }
}
