package io.dbbackup.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.pipeline.Blobs;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.BlobStoreContract;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class FileStoreTest extends BlobStoreContract {
    @TempDir
    Path temp;

    private Path root() {
        return temp.resolve("store");
    }

    @Override
    protected BlobStore connect() {
        FileStore opened = new FileStore(root(), false, Clock.systemUTC());
        opened.probe();
        return opened;
    }

    @Test
    void files_and_directories_are_the_owner_s_alone_from_their_first_instant() throws IOException {
        try (BlobWriter writer = store.create("set/db/a", OptionalLong.empty())) {
            assertOwnerOnly();
            writer.commit();
        }
        assertOwnerOnly();
        assertThat(Files.isRegularFile(root().resolve("set/db/a"))).isTrue();
    }

    private void assertOwnerOnly() throws IOException {
        try (Stream<Path> files = Files.walk(root())) {
            for (Path file : files.toList()) {
                assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                        .as(file.toString())
                        .isEqualTo(Files.isDirectory(file) ? "rwx------" : "rw-------");
            }
        }
    }

    @Test
    void an_aborted_upload_leaves_neither_file_nor_directory() throws IOException {
        store.create("set/db/a", OptionalLong.empty()).close();
        assertThat(everything()).isEmpty();
    }

    @Test
    void deleting_the_last_blob_of_a_directory_removes_the_directory_but_never_the_root() throws IOException {
        put("set/db/a", new byte[1]);
        put("set/b", new byte[1]);
        store.delete("set/db/a");
        assertThat(everything()).containsExactlyInAnyOrder("set", "set/b");
        store.delete("set/b");
        assertThat(everything()).isEmpty();
        assertThat(root()).isDirectory();
    }

    /** What a power failure leaves between the two steps of a publication. */
    @Test
    void a_crash_after_the_link_leaves_a_blob_that_the_sweep_keeps() throws IOException {
        byte[] bytes = Blobs.random(1000);
        put("set/a", bytes);
        Files.createLink(root().resolve("set").resolve(BlobNames.temporary()), root().resolve("set/a"));

        assertThat(listed("")).containsExactly("set/a");
        store.sweepLeftovers("", Duration.ZERO);

        assertThat(everything()).containsExactlyInAnyOrder("set", "set/a");
        assertThat(read("set/a", 0)).isEqualTo(bytes);
    }

    @Test
    void kill_minus_9_during_an_upload_leaves_only_what_the_sweep_removes() throws Exception {
        Process uploader = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("surefire.test.class.path", System.getProperty("java.class.path")),
                        EndlessUpload.class.getName(),
                        root().toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        try (var said = uploader.inputReader()) {
            assertThat(said.readLine()).isEqualTo("uploading");
        } finally {
            uploader.destroyForcibly();
        }
        uploader.waitFor();

        assertThat(listed("")).isEmpty();
        assertThat(store.children("")).isEmpty();
        assertThat(store.sweepLeftovers("", Duration.ZERO)).isEqualTo(1_000_000);
        assertThat(everything()).isEmpty();
    }

    @Test
    void what_is_not_ours_is_neither_listed_nor_deleted() throws IOException {
        Files.createDirectories(root().resolve("lost+found/x"));
        Files.writeString(root().resolve("lost+found/x/y"), "not a blob");
        Files.writeString(root().resolve("a note.txt"), "not a blob");
        Path outside = Files.createDirectory(temp.resolve("outside"));
        Files.writeString(outside.resolve("secret"), "not ours");
        Files.createSymbolicLink(root().resolve("link"), outside);
        Files.createSymbolicLink(root().resolve("file-link"), outside.resolve("secret"));
        put("set/a", new byte[1]);

        assertThat(listed("")).containsExactly("set/a");
        assertThat(store.children("")).containsExactly("set");
        assertThat(store.stat("file-link")).isEmpty();
        assertThatThrownBy(() -> store.open("file-link", 0)).hasMessageStartingWith("BLOB_MISSING");
        assertThat(store.sweepLeftovers("", Duration.ZERO)).isZero();
        assertThat(outside.resolve("secret")).exists();
    }

    @Test
    void blobs_are_never_replaced_even_by_another_node() {
        assertThat(store.capabilities().atomicCreateOnly()).isTrue();
    }

    private List<String> everything() throws IOException {
        try (Stream<Path> files = Files.walk(root())) {
            return files.filter(file -> !file.equals(root()))
                    .map(file -> root().relativize(file).toString())
                    .toList();
        }
    }

    /** The process that is killed. */
    static final class EndlessUpload {
        private EndlessUpload() {}

        public static void main(String[] arguments) throws Exception {
            FileStore store = new FileStore(Path.of(arguments[0]), false, Clock.systemUTC());
            BlobWriter writer = store.create("set/a", OptionalLong.empty());
            writer.write(new byte[1_000_000], 0, 1_000_000);
            System.out.println("uploading");
            System.out.flush();
            System.in.read();
        }
    }
}
