package io.dbbackup.service.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.KeyConfig;
import io.dbbackup.model.SecretRef;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** The section keys, and who refers to it. */
class KeysInConfigurationTest {
    private static final String GOOD = """
            sources:
              - {name: shop, engine: postgresql, host: db1, user: backup, require_encryption: true}
            stores:
              - {name: disk, type: file, path: /var/lib/dbbackup}
            keys:
              - {name: office, type: key-file, file: /etc/office.key}
              - {name: owner, type: passphrase, passphrase_env: OWNER}
              - {name: offsite, type: x25519, public_key_file: /etc/offsite.pub}
              - {name: hsm, type: rsa, private_key_file: /etc/hsm.pem}
            require_encryption: true
            policies:
              - {name: nightly, source: shop, store: disk, encrypt: [office, offsite]}
            """;

    private static ConfigFile read(String yaml) {
        return new ConfigReader(new TestPlugins()).read(yaml, ConfigFile.EMPTY);
    }

    @Test
    void keys_are_read_and_written_and_read_the_same() {
        ConfigFile file = read(GOOD);
        assertThat(file.keys()).hasSize(4).contains(
                new KeyConfig(
                        "owner", "passphrase", Optional.empty(), Optional.of(new SecretRef(SecretRef.Kind.ENV, "OWNER")),
                        Optional.empty(), Optional.empty()),
                new KeyConfig(
                        "offsite", "x25519", Optional.empty(), Optional.empty(), Optional.of("/etc/offsite.pub"),
                        Optional.empty()));
        assertThat(file.policies().get(0).encrypt()).containsExactly("office", "offsite");
        assertThat(file.sources().get(0).requireEncryption()).isTrue();
        assertThat(file.requireEncryption()).contains(true);
        assertThat(read(ConfigWriter.yaml(file))).isEqualTo(file);
    }

    @Test
    void what_is_missing_misplaced_or_given_in_clear_is_refused_and_not_repeated() {
        refused("encrypt: [office, offsite]", "encrypt: [offise]", "there is no key \"offise\". Did you mean \"office\"?");
        refused("file: /etc/office.key", "public_key_file: /etc/x", "only a key of type x25519 or rsa has a public_key_file");
        refused("file: /etc/office.key", "type: 1", "");
        refused("file: /etc/office.key", "file: DBBACKUP-KEY-1:hidden", "file is not an absolute path");
        refused(", public_key_file: /etc/offsite.pub", "", "a key of type x25519 lacks its public_key_file");
        refused("passphrase_env: OWNER", "passphrase: hidden", "passphrase is given in clear");
    }

    private static void refused(String good, String bad, String message) {
        assertThatThrownBy(() -> read(GOOD.replace(good, bad)))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining(message)
                .message()
                .doesNotContain("hidden");
    }
}
