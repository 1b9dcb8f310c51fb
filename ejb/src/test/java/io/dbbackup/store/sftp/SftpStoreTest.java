package io.dbbackup.store.sftp;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.pipeline.Blobs;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.BlobStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The contract against OpenSSH, and what files there are on its disk. */
class SftpStoreTest extends BlobStoreContract {
    private final OpenSshServer server = OpenSshServer.complete();
    private final Map<String, String> settings = server.settings();
    private final Path root = Path.of(settings.get("path"));

    @Override
    protected BlobStore connect() {
        return OpenSshServer.store(settings);
    }

    @Override
    protected void settle(String name) throws InterruptedException, IOException {
        while (leftoverBytes() < bytesThatReachTheStore() - UploadWindow.BLOCK) {
            Thread.sleep(20);
        }
    }

    private long leftoverBytes() throws IOException {
        long bytes = 0;
        for (String file : everything()) {
            bytes += file.contains("~") ? Files.size(root.resolve(file)) : 0;
        }
        return bytes;
    }

    @Test
    void files_and_directories_are_the_owner_s_alone_from_their_first_instant() throws IOException {
        try (BlobWriter writer = store.create("set/db/a", OptionalLong.empty())) {
            assertOwnerOnly();
            writer.commit();
        }
        assertOwnerOnly();
        assertThat(everything()).containsExactlyInAnyOrder("set", "set/db", "set/db/a");
    }

    private void assertOwnerOnly() throws IOException {
        for (String file : everything()) {
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(root.resolve(file))))
                    .as(file)
                    .isEqualTo(Files.isDirectory(root.resolve(file)) ? "rwx------" : "rw-------");
        }
    }

    @Test
    void blobs_are_never_replaced_even_by_another_node() {
        assertThat(store.capabilities().atomicCreateOnly()).isTrue();
        assertThat(store.capabilities().resumableUploads()).isTrue();
        assertThat(store.capabilities().knowsFreeSpace()).isTrue();
    }

    @Test
    void a_large_blob_is_the_same_file_on_the_disk_and_for_the_sftp_client() throws Exception {
        byte[] bytes = Blobs.random(30_000_001);
        put("set/large", bytes);

        assertThat(Files.mismatch(root.resolve("set/large"), Files.write(server.file("expected"), bytes))).isEqualTo(-1);
        Path fetched = server.file("fetched");
        OpenSshServer.run("sftp", "-q", "-b", "/dev/null", "-P", "" + server.port(), "-i", "" + server.file("client-ed25519"),
                "-o", "BatchMode=yes", "-o", "StrictHostKeyChecking=no", "-o", "UserKnownHostsFile=/dev/null",
                server.user() + "@127.0.0.1:" + root.resolve("set/large"), fetched.toString());
        assertThat(Files.mismatch(fetched, root.resolve("set/large"))).isEqualTo(-1);
        assertThat(read("set/large", 0)).isEqualTo(bytes);
        assertThat(read("set/large", 29_000_000)).isEqualTo(java.util.Arrays.copyOfRange(bytes, 29_000_000, bytes.length));
    }

    /** What a crash leaves between the two steps of a publication. */
    @Test
    void a_crash_after_the_link_leaves_a_blob_that_the_sweep_keeps() throws IOException {
        put("set/a", Blobs.random(1000));
        Files.createLink(root.resolve("set/.part~0"), root.resolve("set/a"));

        assertThat(listed("")).containsExactly("set/a");
        store.sweepLeftovers("", Duration.ZERO);

        assertThat(everything()).containsExactlyInAnyOrder("set", "set/a");
        assertThat(read("set/a", 0)).isEqualTo(Blobs.random(1000));
    }

    @Test
    void what_is_not_ours_is_neither_listed_nor_deleted() throws IOException {
        Files.createDirectories(root.resolve("lost+found/x"));
        Files.writeString(root.resolve("a note.txt"), "not a blob");
        Files.writeString(root.resolveSibling("secret"), "not ours");
        Files.createSymbolicLink(root.resolve("file-link"), root.resolveSibling("secret"));
        put("set/a", new byte[1]);

        assertThat(listed("")).containsExactly("set/a");
        assertThat(store.children("")).containsExactly("set");
        assertThat(store.stat("file-link")).isEmpty();
        assertThat(store.sweepLeftovers("", Duration.ZERO)).isZero();
        assertThat(root.resolve("a note.txt")).exists();
    }

    private List<String> everything() throws IOException {
        try (Stream<Path> files = Files.walk(root)) {
            return files.filter(file -> !file.equals(root))
                    .map(file -> root.relativize(file).toString())
                    .toList();
        }
    }
}
