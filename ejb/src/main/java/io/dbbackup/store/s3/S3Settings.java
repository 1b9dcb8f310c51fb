package io.dbbackup.store.s3;

import io.dbbackup.model.SecretRef;
import io.dbbackup.store.SettingsReader;
import io.dbbackup.store.upload.PartSizes;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of a store of type {@code s3}, checked; {@code docs/configuration.md} has their meaning.
 *
 * @param endpoint empty: Amazon's of the region
 * @param prefix empty, or ends with a slash
 * @param sse empty, {@code AES256} or {@code aws:kms}
 * @param checksums send a CRC32C with everything, rather than sign its SHA-256
 * @param partBytes size of the parts of an upload while it is not known to be very large
 * @param lockDays retention that is set on everything that is written
 */
record S3Settings(
        Optional<URI> endpoint,
        Optional<String> region,
        String bucket,
        String prefix,
        boolean pathStyle,
        Optional<String> accessKeyId,
        Optional<SecretRef> secretAccessKey,
        Optional<SecretRef> sessionToken,
        Optional<String> storageClass,
        Optional<String> sse,
        Optional<String> kmsKeyId,
        Optional<Path> caFile,
        int partsInFlight,
        int partBytes,
        boolean checksums,
        int retries,
        Optional<Integer> lockDays,
        String lockMode) {
    private static final int MIB = 1 << 20;

    /** @throws io.dbbackup.model.BackupException INVALID_CONFIGURATION naming the setting */
    static S3Settings of(Map<String, String> settings) {
        SettingsReader reader = new SettingsReader("s3", settings);
        Optional<URI> endpoint = reader.endpoint("endpoint");
        S3Settings read = new S3Settings(
                endpoint,
                reader.text("region", "[a-z0-9-]{1,50}", "the name of a region, for example eu-central-1"),
                reader.required("bucket", "[a-z0-9][a-z0-9.-]{1,61}[a-z0-9]", "the name of a bucket"),
                reader.prefix("prefix"),
                reader.flag("pathStyle", endpoint.isPresent()),
                reader.text("accessKeyId", "\\S{1,200}", "the id of an access key"),
                reader.secret("secretAccessKeySecret"),
                reader.secret("sessionTokenSecret"),
                reader.text("storageClass", "[A-Z][A-Z0-9_]{1,50}", "a storage class, for example STANDARD_IA"),
                reader.text("sse", "AES256|aws:kms", "AES256 or aws:kms"),
                reader.text("kmsKeyId", "\\S{1,2000}", "the id, alias or ARN of a key"),
                reader.file("caFile", "a PEM file"),
                reader.number("partsInFlight", 2, 1, 32),
                reader.bytes("partBytes", 8 * MIB, (int) PartSizes.MINIMUM, (int) PartSizes.MAXIMUM),
                reader.text("checksum", "WHEN_REQUIRED|WHEN_SUPPORTED", "WHEN_REQUIRED or WHEN_SUPPORTED")
                        .map("WHEN_SUPPORTED"::equals)
                        .orElse(endpoint.isEmpty()),
                reader.number("retries", 5, 0, 20),
                reader.has("lockDays") ? Optional.of(reader.number("lockDays", 0, 1, 36_500)) : Optional.empty(),
                reader.text("lockMode", "GOVERNANCE|COMPLIANCE", "GOVERNANCE or COMPLIANCE").orElse("GOVERNANCE"));
        reader.refuseOthers();
        read.checkTogether(reader);
        return read;
    }

    private void checkTogether(SettingsReader reader) {
        if (accessKeyId.isPresent() != secretAccessKey.isPresent()) {
            throw reader.invalid(
                    "has only one of access_key_id and secret_access_key",
                    "Give both, or neither to use the credentials of the environment, profile, container or instance.");
        }
        if (sessionToken.isPresent() && accessKeyId.isEmpty()) {
            throw reader.invalid("has a session_token without an access_key_id", "Give the key that it belongs to.");
        }
        if (kmsKeyId.isPresent() && !sse.equals(Optional.of("aws:kms"))) {
            throw reader.invalid("has a kms_key_id without sse: aws:kms", "Set sse to aws:kms, or remove kms_key_id.");
        }
        if (reader.has("lockMode") && lockDays.isEmpty()) {
            throw reader.invalid("has a lock_mode without lock_days", "Set lock_days, or remove lock_mode.");
        }
        if (caFile.isPresent() && endpoint.filter(uri -> "http".equals(uri.getScheme())).isPresent()) {
            throw reader.invalid("has a ca_file for an endpoint without TLS", "Use an https endpoint, or remove ca_file.");
        }
    }

    /** Where it is, for people; no secret in it. */
    String location() {
        return "s3://" + bucket + "/" + prefix + endpoint.map(uri -> " at " + uri).orElse("");
    }

    /** All parts but the last must have one size there. */
    boolean equalParts() {
        return endpoint.map(URI::getHost).filter(host -> host.endsWith(".r2.cloudflarestorage.com")).isPresent();
    }
}
