package io.dbbackup.store.azure;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AzureSettingsTest {
    private static final Map<String, String> LEAST =
            Map.of("account", "example", "container", "backups", "accountKeySecret", "env:KEY");

    @Test
    void account_container_and_key_are_enough() {
        AzureSettings settings = AzureSettings.of(LEAST);
        assertThat(settings.endpoint()).hasToString("https://example.blob.core.windows.net");
        assertThat(settings.pathStyle()).isFalse();
        assertThat(settings.partBytes()).isEqualTo(8 << 20);
        assertThat(settings.location()).isEqualTo("azure://example/backups/");
    }

    @Test
    void the_account_is_in_the_path_where_the_host_is_an_address() {
        Map<String, String> settings = new HashMap<>(LEAST);
        settings.put("endpoint", "http://127.0.0.1:10000");
        assertThat(AzureSettings.of(settings).pathStyle()).isTrue();
        settings.put("endpoint", "https://example.blob.core.chinacloudapi.cn");
        assertThat(AzureSettings.of(settings).pathStyle()).isFalse();
        assertThat(AzureSettings.of(settings).location()).contains("chinacloudapi");
    }

    @ParameterizedTest
    @CsvSource({
        "account, My-Account, account",
        "container, Backups, container",
        "container, a--b, container",
        "endpoint, https://example.blob.core.windows.net/backups, endpoint",
        "prefix, a//b, prefix",
        "sasTokenSecret, env:SAS, sas_token",
        "accessTier, Archive, access_tier",
        "caFile, ca.pem, ca_file",
        "partsInFlight, 0, parts_in_flight",
        "partBytes, 4M, part_bytes",
        "retries, many, retries",
        "lockDays, 0, lock_days",
        "lockMode, locked, lock_mode",
        "bucket, backups, bucket"
    })
    void a_wrong_setting_is_named(String key, String value, String named) {
        Map<String, String> settings = new HashMap<>(LEAST);
        settings.put(key, value);
        assertThatThrownBy(() -> new AzureStoreProvider().validate(settings))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION))
                .hasMessageContaining(named);
    }

    /** Azure takes them off the ends of segments. */
    @Test
    void dots_at_the_ends_of_segments_are_guarded() {
        AzureKeys keys = new AzureKeys("p/");
        for (String name : List.of("...", "a..", "a./b", "a.b/c", ".a", "x/.")) {
            assertThat(keys.key(name)).startsWith("p/").doesNotMatch(".*\\.(/.*)?");
            assertThat(keys.name(keys.key(name))).isEqualTo(name);
        }
        assertThat(keys.key("a.b/c")).isEqualTo("p/a.b/c");
    }

    /** From the documentation of Shared Key, with our version and metadata. */
    @Test
    void what_is_signed_is_what_the_documentation_says() {
        assertThat(AzureSigner.toSign(
                        "myaccount", "PUT", "/mycontainer/a/b", Map.of("comp", "block", "blockid", "QQ=="),
                        Map.of("content-md5", "m5==", "x-ms-version", "2021-12-02", "x-ms-date", "Fri, 26 Jun 2015 23:39:12 GMT",
                                "if-none-match", "*"),
                        11))
                .isEqualTo("PUT\n\n\n11\nm5==\n\n\n\n\n*\n\n\nx-ms-date:Fri, 26 Jun 2015 23:39:12 GMT\n"
                        + "x-ms-version:2021-12-02\n/myaccount/mycontainer/a/b\nblockid:QQ==\ncomp:block");
    }
}
