package io.dbbackup.store.s3;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class S3SettingsTest {
    @Test
    void a_bucket_is_enough_at_amazon() {
        S3Settings settings = S3Settings.of(Map.of("bucket", "backups"));
        assertThat(settings.checksums()).isTrue();
        assertThat(settings.pathStyle()).isFalse();
        assertThat(settings.partBytes()).isEqualTo(8 << 20);
        assertThat(settings.location()).isEqualTo("s3://backups/");
    }

    @Test
    void other_endpoints_get_what_every_server_understands() {
        S3Settings settings = S3Settings.of(Map.of(
                "bucket", "backups", "endpoint", "https://minio.example.org:9000/", "prefix", "a/b/", "partBytes", "16M"));
        assertThat(settings.checksums()).isFalse();
        assertThat(settings.pathStyle()).isTrue();
        assertThat(settings.prefix()).isEqualTo("a/b/");
        assertThat(settings.partBytes()).isEqualTo(16 << 20);
        assertThat(settings.location()).isEqualTo("s3://backups/a/b/ at https://minio.example.org:9000");
    }

    @ParameterizedTest
    @CsvSource({
        "bucket, Not_A_Bucket, bucket",
        "endpoint, minio.example.org, endpoint",
        "endpoint, https://minio.example.org/backups, endpoint",
        "endpoint, https://user:pass@minio.example.org, endpoint",
        "region, 'eu west', region",
        "prefix, a//b, prefix",
        "prefix, /a, prefix",
        "pathStyle, yes, path_style",
        "accessKeyId, AKIA, secret_access_key",
        "secretAccessKeySecret, env:KEY, access_key_id",
        "sessionTokenSecret, env:TOKEN, session_token",
        "storageClass, cold, storage_class",
        "sse, on, sse",
        "kmsKeyId, abc, kms_key_id",
        "caFile, ca.pem, ca_file",
        "partsInFlight, 0, parts_in_flight",
        "partBytes, 4M, part_bytes",
        "partBytes, 2G, part_bytes",
        "checksum, always, checksum",
        "retries, many, retries",
        "lockDays, 0, lock_days",
        "lockMode, COMPLIANCE, lock_mode",
        "storage_class, GLACIER, storage_class",
        "path, /var/backups, path"
    })
    void a_wrong_setting_is_named(String key, String value, String named) {
        Map<String, String> settings = new HashMap<>(Map.of("bucket", "backups"));
        settings.put(key, value);
        assertThatThrownBy(() -> new S3StoreProvider().validate(settings))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION))
                .hasMessageContaining(named)
                .hasMessageNotContaining("pass@");
    }

    @Test
    void a_certificate_file_that_is_none_is_named() {
        Map<String, String> settings = Map.of(
                "bucket", "b12", "endpoint", "https://127.0.0.1:1", "caFile", "/dev/null", "region", "us-east-1");
        assertThatThrownBy(() -> S3Peer.store(settings)).hasMessageContaining("/dev/null");
    }
}
