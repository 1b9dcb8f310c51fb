package io.dbbackup.store.file;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.spi.BlobStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Disks that are full, read-only, missing or open to everybody: each has its own error with a remedy. */
class FileStoreTroubleTest {
    private static final byte[] MEGABYTE = new byte[1024 * 1024];

    @TempDir
    Path temp;

    @Test
    void a_full_disk_is_said_and_leaves_nothing_and_the_work_goes_on_once_there_is_room() throws Exception {
        try (Mount mount = Mount.tmpfs(temp, "size=4m")) {
            FileStore store = new FileStore(mount.at().resolve("store"), false, Clock.systemUTC());
            store.probe();
            put(store, "first", 2);

            assertThatThrownBy(() -> put(store, "set/second", 3))
                    .hasMessage("STORE_FULL: writing set/second failed: the file system of the store "
                            + mount.at() + "/store is full\n"
                            + "HINT: Free space or let retention delete old backup sets, then restart the run.");

            assertThat(store.stat("set/second")).isEmpty();
            assertThat(store.children("")).containsExactly("first");
            assertThat(store.freeBytes().orElseThrow()).isBetween(1_500_000L, 2_100_000L);
            store.delete("first");
            put(store, "set/second", 3);
            assertThat(store.stat("set/second").orElseThrow().bytes()).isEqualTo(3L * MEGABYTE.length);
        }
    }

    @Test
    void a_probe_finds_a_full_disk() throws Exception {
        try (Mount mount = Mount.tmpfs(temp, "size=1m")) {
            Files.write(mount.at().resolve("ballast"), MEGABYTE);
            assertThatThrownBy(() -> open(mount.at()).probe()).hasMessageStartingWith("STORE_FULL");
        }
    }

    @Test
    void a_read_only_file_system_is_said() throws Exception {
        try (Mount mount = Mount.tmpfs(temp, "size=4m")) {
            put(open(mount.at()), "set/a", 1);
            mount.remount("ro");
            BlobStore store = open(mount.at());

            assertThatThrownBy(store::probe)
                    .hasMessageStartingWith("STORE_NOT_WRITABLE: writing a probe failed: the file system of the store "
                            + mount.at() + " is read-only\nHINT: Find out why");
            assertThatThrownBy(() -> put(store, "set/b", 1)).hasMessageStartingWith("STORE_NOT_WRITABLE");
            assertThatThrownBy(() -> store.delete("set/a")).hasMessageStartingWith("STORE_NOT_WRITABLE");
            assertThat(store.stat("set/a")).as("reading goes on").isPresent();
            assertThat(store.children("set/")).containsExactly("a");
        }
    }

    @Test
    void a_directory_without_permission_is_said() throws Exception {
        assumeTrue(!"root".equals(System.getProperty("user.name")), "root may write everywhere");
        Path root = Files.createDirectory(
                temp.resolve("closed"), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("r-x------")));
        assertThatThrownBy(() -> open(root).probe())
                .hasMessageStartingWith("STORE_NOT_WRITABLE: writing a probe failed: the server's user");
    }

    @Test
    void a_refused_permission_is_explained_whoever_runs_the_test() {
        assertThat(new FileFailures(temp)
                        .explain("writing a", new java.nio.file.AccessDeniedException(temp.toString())))
                .hasMessageStartingWith("STORE_NOT_WRITABLE: writing a failed: the server's user \""
                        + System.getProperty("user.name") + "\" may not do that in the store " + temp);
        assertThat(new FileFailures(temp).explain("writing a", new IOException("Disk quota exceeded")))
                .hasMessageStartingWith("STORE_FULL: writing a failed: the quota of the store");
        assertThat(new FileFailures(temp).explain("reading a", new IOException("Input/output error")))
                .hasMessageStartingWith("STORE_IO: reading a failed in the store " + temp + ": Input/output error");
    }

    @Test
    void a_missing_directory_is_not_an_empty_store() {
        BlobStore store = open(temp.resolve("not-mounted/store"));
        String message = "STORE_UNREACHABLE: the directory of the store, " + temp
                + "/not-mounted/store, does not exist\n"
                + "HINT: Mount the file system of the store, or correct the store's path.";
        assertThatThrownBy(store::probe).hasMessage(message);
        assertThatThrownBy(() -> store.list("", info -> {})).hasMessage(message);
        assertThatThrownBy(() -> store.children("")).hasMessage(message);
        assertThatThrownBy(() -> store.stat("a")).hasMessage(message);
        assertThatThrownBy(() -> store.open("a", 0)).hasMessage(message);
        assertThatThrownBy(() -> store.delete("a")).hasMessage(message);
        assertThatThrownBy(() -> put(store, "a", 0)).hasMessage(message);
        assertThat(temp.resolve("not-mounted")).doesNotExist();
    }

    @Test
    void the_last_segment_of_the_path_is_made() throws IOException {
        BlobStore store = open(temp.resolve("new"));
        put(store, "a", 1);
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(temp.resolve("new"))))
                .isEqualTo("rwx------");
    }

    @Test
    void a_missing_mount_is_noticed_where_one_is_required() throws Exception {
        try (Mount mount = Mount.tmpfs(temp, "size=4m")) {
            BlobStore store = open(mount.at(), true);
            store.probe();
            put(store, "a", 1);
            mount.close();
            assumeTrue(
                    Files.getAttribute(temp, "unix:dev").equals(Files.getAttribute(Path.of("/"), "unix:dev")),
                    "the temporary directory is a mount itself");
            String message = "STORE_UNREACHABLE: nothing is mounted at or above the directory of the store, "
                    + mount.at() + "\nHINT: Mount the file system of the store, or correct the store's path.";
            assertThatThrownBy(store::probe).hasMessage(message);
            assertThatThrownBy(() -> put(store, "b", 1)).hasMessage(message);
            assertThatThrownBy(() -> store.open("a", 0)).hasMessage(message);
            assertThat(mount.at()).isEmptyDirectory();
        }
    }

    @Test
    void a_directory_that_everybody_may_write_is_refused_by_the_probe() throws IOException {
        Path root = Files.createDirectory(temp.resolve("open"));
        Files.setPosixFilePermissions(root, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertThatThrownBy(() -> open(root).probe())
                .hasMessage("STORE_NOT_WRITABLE: the directory of the store, " + root
                        + ", is writable by every user of this machine\n"
                        + "HINT: Run: chmod o-w " + root + " (for a CIFS or FAT mount set dir_mode or umask).");
    }

    @Test
    void settings_are_checked_by_name() {
        FileStoreProvider provider = new FileStoreProvider();
        assertThat(provider.type()).isEqualTo("file");
        provider.validate(Map.of("path", "/var/backups", "requireMount", "true"));
        Map<Map<String, String>, String> wrong = Map.of(
                Map.of(), "has the path \"\"",
                Map.of("path", "relative/path"), "has the path \"relative/path\"",
                Map.of("path", "/"), "has the path \"/\"",
                Map.of("path", "/x", "requireMount", "yes"), "has requireMount \"yes\"",
                Map.of("path", "/x", "pth", "y"), "does not know the setting \"pth\"");
        wrong.forEach((settings, flaw) -> assertThatThrownBy(() -> provider.validate(settings))
                .hasMessageStartingWith("INVALID_CONFIGURATION: a store of type file " + flaw));
    }

    private static BlobStore open(Path root) {
        return open(root, false);
    }

    private static BlobStore open(Path root, boolean requireMount) {
        return new FileStoreProvider()
                .open(
                        Map.of("path", root.toString(), "requireMount", Boolean.toString(requireMount)),
                        secret -> Optional.empty());
    }

    private static void put(BlobStore store, String name, int megabytes) throws IOException {
        try (BlobWriter writer = store.create(name, OptionalLong.empty())) {
            for (int i = 0; i < megabytes; i++) {
                writer.write(MEGABYTE, 0, MEGABYTE.length);
            }
            writer.commit();
        }
    }

    /** A file system of its own, which only root can have. */
    private record Mount(Path at) implements AutoCloseable {
        static Mount tmpfs(Path parent, String options) throws Exception {
            assumeTrue("root".equals(System.getProperty("user.name")), "mounting a small file system needs root");
            Path at = Files.createDirectory(parent.resolve("mount"));
            String said = run("mount", "-t", "tmpfs", "-o", options + ",mode=700", "tmpfs", at.toString());
            assumeTrue(said.isEmpty(), "this machine does not allow mount: " + said);
            return new Mount(at);
        }

        void remount(String options) throws Exception {
            assertThat(run("mount", "-o", "remount," + options, at.toString())).isEmpty();
        }

        @Override
        public void close() throws Exception {
            run("umount", at.toString());
        }

        private static String run(String... command) throws Exception {
            Process process = new ProcessBuilder(List.of(command)).redirectErrorStream(true).start();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return process.waitFor() == 0 ? "" : said + " (exit code " + process.exitValue() + ")";
        }
    }
}
