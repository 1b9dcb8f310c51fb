package io.dbbackup.store.sftp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.pipeline.Blobs;
import io.dbbackup.store.FaultyNetwork;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Impostors, wrong keys, networks that drop or swallow, directories that refuse. */
class SftpTroubleTest {
    private final OpenSshServer server = OpenSshServer.complete();
    private final Map<String, String> settings = server.settings();

    @Test
    void another_host_key_is_refused_and_shown() throws Exception {
        settings.put("hostKey", server.fingerprint("stranger"));
        assertProbe("STORE_NOT_TRUSTED", server.fingerprint("host-ed25519"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"ecdsa", "rsa"})
    void the_trusted_host_key_may_be_of_any_kind(String kind) throws Exception {
        settings.put("hostKey", server.fingerprint("host-" + kind));
        settings.put("privateKeySecret", "file:" + server.file("client-" + kind));
        probe();
    }

    @Test
    void the_keys_may_be_exchanged_as_no_quantum_computer_breaks_it() throws Exception {
        Map<String, String> there = OpenSshServer.preferringNtruPrime().settings();
        byte[] bytes = Blobs.random(100_000);
        try (SftpStore store = OpenSshServer.store(there)) {
            store.probe();
            try (BlobWriter writer = store.create("a", OptionalLong.empty())) {
                writer.write(bytes, 0, bytes.length);
                writer.commit();
            }
            try (InputStream in = store.open("a", 0)) {
                assertThat(in.readAllBytes()).isEqualTo(bytes);
            }
        }
    }

    @Test
    void known_hosts_are_read_and_a_host_that_is_not_in_them_is_refused() throws Exception {
        settings.remove("hostKey");
        Path known = server.file("known_hosts");
        settings.put("knownHosts", known.toString());
        Files.writeString(known, "[127.0.0.1]:" + server.port() + " " + Files.readString(server.file("host-rsa.pub")));
        probe();
        Files.writeString(known, "other.example.org " + Files.readString(server.file("host-rsa.pub")));
        assertProbe("STORE_NOT_TRUSTED", known.toString());
    }

    @Test
    void keys_that_do_not_fit_are_told_apart() throws Exception {
        settings.put("privateKeySecret", "file:" + server.file("stranger"));
        assertProbe("STORE_AUTHENTICATION_FAILED", server.fingerprint("stranger"));

        settings.put("privateKeySecret", "file:" + server.file("client-locked"));
        assertProbe("KEY_WRONG", "there is no passphrase");
        settings.put("passphraseSecret", "env:wrong");
        assertProbe("KEY_WRONG", "does not open");
        settings.put("passphraseSecret", "env:open sesame");
        probe();

        Path open = Files.copy(server.file("client-rsa"), server.file("open-" + System.nanoTime()));
        Files.setPosixFilePermissions(open, PosixFilePermissions.fromString("rw-r--r--"));
        settings.put("privateKeySecret", "file:" + open);
        assertProbe("KEY_INVALID", "chmod 600");
    }

    @ParameterizedTest
    @ValueSource(strings = {"PEM", "PKCS8"})
    void keys_in_older_formats_are_understood(String format) throws Exception {
        Path key = Files.copy(server.file("client-rsa"), server.file("client-" + format));
        OpenSshServer.run("ssh-keygen", "-q", "-p", "-m", format, "-P", "", "-N", "", "-f", key.toString());
        settings.put("privateKeySecret", "file:" + key);
        probe();
    }

    @Test
    void unreachable_servers_and_missing_or_closed_directories_have_their_own_errors() throws Exception {
        String path = settings.get("path");
        settings.put("path", path + "/not/there");
        assertProbe("STORE_MISSING", "not/there");
        settings.put("path", path);
        Files.setPosixFilePermissions(Path.of(path), PosixFilePermissions.fromString("r-xr-xr-x"));
        assertProbe("STORE_ACCESS_DENIED", "may not do that");
        Files.setPosixFilePermissions(Path.of(path), PosixFilePermissions.fromString("rwxrwxrwx"));
        assertProbe("STORE_NOT_WRITABLE", "chmod o-w");
        settings.put("port", "1");
        assertProbe("STORE_UNREACHABLE", "127.0.0.1:1");
    }

    @Test
    void dropped_connections_cost_neither_an_upload_nor_a_reading() throws Exception {
        byte[] bytes = Blobs.random(6_000_000);
        try (FaultyNetwork network = new FaultyNetwork(server.port())) {
            settings.put("port", "" + network.port());
            try (SftpStore store = OpenSshServer.store(settings)) {
                network.breakConnections(3, 1_500_000, Integer.MAX_VALUE);
                try (BlobWriter writer = store.create("a", OptionalLong.empty())) {
                    writer.write(bytes, 0, bytes.length);
                    writer.commit();
                }
                assertThat(Files.readAllBytes(Path.of(settings.get("path"), "a"))).isEqualTo(bytes);
                network.breakConnections(3, Integer.MAX_VALUE, 1_500_000);
                try (InputStream in = store.open("a", 0)) {
                    assertThat(in.readAllBytes()).isEqualTo(bytes);
                }
                assertThat(network.connections()).isGreaterThanOrEqualTo(5);
            }
        }
    }

    @Test
    void a_rename_whose_answer_was_lost_has_published_the_blob() throws Exception {
        OpenSshServer withoutLinks = OpenSshServer.plain();
        Map<String, String> there = withoutLinks.settings();
        Path directory = Path.of(there.get("path"), "set");
        byte[] bytes = Blobs.random(100_000);
        try (FaultyNetwork network = new FaultyNetwork(withoutLinks.port())) {
            there.put("port", "" + network.port());
            try (SftpStore store = OpenSshServer.store(there)) {
                network.loseAnswer(() -> Files.exists(directory.resolve("manifest.json")));
                try (BlobWriter writer = store.create("set/manifest.json", OptionalLong.empty())) {
                    writer.write(bytes, 0, bytes.length);
                    assertThat(writer.commit()).isEqualTo(bytes.length);
                }
                assertThat(network.connections()).isEqualTo(2);
                assertThat(store.stat("set/manifest.json")).isPresent();
            }
        }
        assertThat(Files.readAllBytes(directory.resolve("manifest.json"))).isEqualTo(bytes);
        assertThat(directory.toFile().list()).containsExactly("manifest.json");
    }

    /** Before the login, which takes about 2.8 KB, and after it. */
    @ParameterizedTest
    @ValueSource(ints = {1_000, 2_850})
    void connections_that_end_at_once_cost_neither_a_new_blob_nor_a_look_at_it(int bytes) throws Exception {
        try (FaultyNetwork network = new FaultyNetwork(server.port())) {
            settings.put("port", "" + network.port());
            try (SftpStore store = OpenSshServer.store(settings)) {
                network.breakConnections(3, bytes, Integer.MAX_VALUE);
                try (BlobWriter writer = store.create("set/a", OptionalLong.empty())) {
                    writer.write(new byte[] {7}, 0, 1);
                    writer.commit();
                }
                assertThat(network.connections()).isGreaterThanOrEqualTo(4);
                assertThat(Files.readAllBytes(Path.of(settings.get("path"), "set/a"))).containsExactly(7);
            }
            try (SftpStore store = OpenSshServer.store(settings)) {
                network.breakConnections(3, bytes, Integer.MAX_VALUE);
                assertThat(store.stat("set/a")).isPresent();
            }
        }
    }

    @Test
    void abort_frees_a_writer_whose_server_has_fallen_silent() throws Exception {
        try (FaultyNetwork network = new FaultyNetwork(server.port())) {
            settings.put("port", "" + network.port());
            try (SftpStore store = OpenSshServer.store(settings)) {
                BlobWriter writer = store.create("a", OptionalLong.empty());
                network.fallSilent();
                CompletableFuture<Void> writing = CompletableFuture.runAsync(() -> {
                    try {
                        for (int i = 0; i < 100; i++) {
                            writer.write(new byte[1_000_000], 0, 1_000_000);
                        }
                    } catch (IOException e) {
                        throw new java.io.UncheckedIOException(e);
                    }
                });
                assertThatThrownBy(() -> writing.get(300, TimeUnit.MILLISECONDS))
                        .isInstanceOf(java.util.concurrent.TimeoutException.class);
                long before = System.nanoTime();
                writer.abort();
                assertThatThrownBy(() -> writing.get(10, TimeUnit.SECONDS)).hasMessageContaining("CANCELLED");
                assertThat(System.nanoTime() - before).isLessThan(2_000_000_000L);
                writer.close();
            }
        }
    }

    @Test
    void settings_are_checked_by_name() {
        assertSettings("host", "", "host");
        assertSettings("port", "0", "port");
        assertSettings("path", "a/../b", "path");
        assertSettings("hostKey", "MD5:00", "host_key");
        assertSettings("knownHosts", "/x", "both host_key and known_hosts");
        assertSettings("privateKeySecret", null, "neither private_key nor password");
        assertSettings("hostKey", null, "neither host_key nor known_hosts");
        assertSettings("hots", "x", "hots");
    }

    private void assertSettings(String key, String value, String said) {
        Map<String, String> wrong = new java.util.HashMap<>(settings);
        wrong.put(key, value);
        wrong.values().removeIf(java.util.Objects::isNull);
        assertThatThrownBy(() -> new SftpStoreProvider().validate(wrong))
                .hasMessageStartingWith("INVALID_CONFIGURATION")
                .hasMessageContaining(said);
    }

    private void probe() {
        try (SftpStore store = OpenSshServer.store(settings)) {
            store.probe();
        }
    }

    private void assertProbe(String code, String said) {
        assertThatThrownBy(this::probe).hasMessageStartingWith(code).hasMessageContaining(said);
    }
}
