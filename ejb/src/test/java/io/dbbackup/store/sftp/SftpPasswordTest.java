package io.dbbackup.store.sftp;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.pipeline.Blobs;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import org.junit.jupiter.api.Test;

/** Logins with a password, alone and after a key. */
class SftpPasswordTest {
    private static Map<String, String> settings(PasswordServer server, String password) throws Exception {
        Map<String, String> settings = new HashMap<>();
        settings.put("host", "127.0.0.1");
        settings.put("port", Integer.toString(server.port()));
        settings.put("user", PasswordServer.USER);
        settings.put("path", server.file("data").toString());
        settings.put("hostKey", server.fingerprint());
        settings.put("passwordSecret", "file:" + Files.writeString(server.file("secret"), password + "\n"));
        return settings;
    }

    private static void works(Map<String, String> settings) throws IOException {
        byte[] bytes = Blobs.random(300_000);
        try (SftpStore store = OpenSshServer.store(settings)) {
            store.probe();
            try (BlobWriter writer = store.create("set/blob", OptionalLong.of(bytes.length))) {
                writer.write(bytes, 0, bytes.length);
                writer.commit();
            }
            try (InputStream stored = store.open("set/blob", 0)) {
                assertThat(stored.readAllBytes()).isEqualTo(bytes);
            }
            store.delete("set/blob");
        }
    }

    private static void refused(Map<String, String> settings, String secret) {
        assertThatThrownBy(() -> {
                    try (SftpStore store = OpenSshServer.store(settings)) {
                        store.probe();
                    }
                })
                .isInstanceOf(BackupException.class)
                .satisfies(e -> assertThat(((BackupException) e).code()).isEqualTo(ErrorCode.STORE_AUTHENTICATION_FAILED))
                .message()
                .doesNotContain(secret);
    }

    @Test
    void a_password_lets_us_in_and_a_wrong_one_does_not() throws Exception {
        try (PasswordServer server = new PasswordServer("password")) {
            works(settings(server, PasswordServer.PASSWORD));
            refused(settings(server, "wrong-password"), "wrong-password");
        }
    }

    @Test
    void a_server_may_want_a_key_and_a_password() throws Exception {
        try (PasswordServer server = new PasswordServer("publickey,password")) {
            Map<String, String> both = settings(server, PasswordServer.PASSWORD);
            refused(both, PasswordServer.PASSWORD);
            both.put("privateKeySecret", "file:" + server.file("client"));
            works(both);
            both.remove("passwordSecret");
            refused(both, PasswordServer.PASSWORD);
        }
    }
}
