package io.dbbackup.store.gcs;

import io.dbbackup.model.SecretRef;
import io.dbbackup.store.SettingsReader;
import io.dbbackup.store.upload.PartSizes;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of a store of type {@code gcs}, checked; {@code docs/configuration.md} has their meaning.
 *
 * @param prefix empty, or ends with a slash
 * @param serviceAccountKey the JSON file that Google Cloud gives for a service account
 * @param partBytes size of the chunks of an upload while it is not known to be very large; a multiple of {@link #CHUNK}
 * @param lockDays retention that is set on everything that is written
 * @param lockMode as Google spells it
 */
record GcsSettings(
        URI endpoint,
        String bucket,
        String prefix,
        SecretRef serviceAccountKey,
        Optional<String> storageClass,
        Optional<String> kmsKeyId,
        Optional<Path> caFile,
        int partBytes,
        int retries,
        Optional<Integer> lockDays,
        String lockMode) {
    /** Chunks of an upload are multiples of this, in bytes. */
    static final int CHUNK = 256 * 1024;

    private static final URI GOOGLE = URI.create("https://storage.googleapis.com");
    private static final int MIB = 1 << 20;

    /** @throws io.dbbackup.model.BackupException INVALID_CONFIGURATION naming the setting */
    static GcsSettings of(Map<String, String> settings) {
        SettingsReader reader = new SettingsReader("gcs", settings);
        int partBytes = reader.bytes("partBytes", 8 * MIB, (int) PartSizes.MINIMUM, (int) PartSizes.MAXIMUM);
        GcsSettings read = new GcsSettings(
                reader.endpoint("endpoint").orElse(GOOGLE),
                reader.required("bucket", "[a-z0-9][a-z0-9._-]{1,220}[a-z0-9]", "the name of a bucket"),
                reader.prefix("prefix"),
                reader.secret("serviceAccountKeySecret")
                        .orElseThrow(() -> reader.invalid(
                                "has no service_account_key",
                                "Give service_account_key_file (or _env, _credential): the JSON key of a service account.")),
                reader.text("storageClass", "[A-Z][A-Z0-9_]{1,50}", "a storage class, for example NEARLINE"),
                reader.text("kmsKeyId", "projects/\\S{1,500}", "the resource name of a key, projects/…/cryptoKeys/…"),
                reader.file("caFile", "a PEM file"),
                partBytes / CHUNK * CHUNK,
                reader.number("retries", 5, 0, 20),
                reader.has("lockDays") ? Optional.of(reader.number("lockDays", 0, 1, 36_500)) : Optional.empty(),
                reader.text("lockMode", "Unlocked|Locked", "Unlocked or Locked").orElse("Unlocked"));
        reader.refuseOthers();
        if (reader.has("lockMode") && read.lockDays.isEmpty()) {
            throw reader.invalid("has a lock_mode without lock_days", "Set lock_days, or remove lock_mode.");
        }
        if (read.caFile.isPresent() && "http".equals(read.endpoint.getScheme())) {
            throw reader.invalid("has a ca_file for an endpoint without TLS", "Use an https endpoint, or remove ca_file.");
        }
        return read;
    }

    /** Where it is, for people; no secret in it. */
    String location() {
        return "gs://" + bucket + "/" + prefix + (endpoint.equals(GOOGLE) ? "" : " at " + endpoint);
    }
}
