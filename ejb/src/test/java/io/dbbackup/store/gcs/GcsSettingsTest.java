package io.dbbackup.store.gcs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class GcsSettingsTest {
    private static final Map<String, String> LEAST =
            Map.of("bucket", "backups", "serviceAccountKeySecret", "file:/etc/dbbackup/gcs.json");

    @Test
    void a_bucket_and_a_key_are_enough() {
        GcsSettings settings = GcsSettings.of(LEAST);
        assertThat(settings.endpoint()).hasToString("https://storage.googleapis.com");
        assertThat(settings.partBytes()).isEqualTo(8 << 20);
        assertThat(settings.location()).isEqualTo("gs://backups/");
    }

    @Test
    void chunks_are_multiples_of_256_kib() {
        Map<String, String> settings = new HashMap<>(LEAST);
        settings.put("partBytes", "6000001");
        assertThat(GcsSettings.of(settings).partBytes() % GcsSettings.CHUNK).isZero();
    }

    @ParameterizedTest
    @CsvSource({
        "bucket, Not_A_Bucket, bucket",
        "endpoint, https://storage.googleapis.com/b, endpoint",
        "prefix, a//b, prefix",
        "storageClass, cold, storage_class",
        "kmsKeyId, abc, kms_key_id",
        "caFile, ca.pem, ca_file",
        "partBytes, 4M, part_bytes",
        "retries, many, retries",
        "lockDays, 0, lock_days",
        "lockMode, Locked, lock_mode",
        "container, backups, container"
    })
    void a_wrong_setting_is_named(String key, String value, String named) {
        Map<String, String> settings = new HashMap<>(LEAST);
        settings.put(key, value);
        assertThatThrownBy(() -> new GcsStoreProvider().validate(settings))
                .isInstanceOfSatisfying(
                        BackupException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.INVALID_CONFIGURATION))
                .hasMessageContaining(named);
    }
}
