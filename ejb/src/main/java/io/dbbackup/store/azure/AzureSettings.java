package io.dbbackup.store.azure;

import io.dbbackup.model.SecretRef;
import io.dbbackup.store.SettingsReader;
import io.dbbackup.store.upload.PartSizes;
import java.net.URI;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;

/**
 * The settings of a store of type {@code azure}, checked; {@code docs/configuration.md} has their meaning.
 *
 * @param endpoint without the account where that is part of the path
 * @param prefix empty, or ends with a slash
 * @param pathStyle the account is the first segment of the path and not part of the host
 * @param accessTier empty: that of the account
 * @param partBytes size of the blocks of an upload while it is not known to be very large
 * @param lockDays retention that is set on everything that is written
 * @param lockMode as Azure spells it in a header
 */
record AzureSettings(
        URI endpoint,
        String account,
        String container,
        String prefix,
        boolean pathStyle,
        Optional<SecretRef> accountKey,
        Optional<SecretRef> sasToken,
        Optional<String> accessTier,
        Optional<Path> caFile,
        int partsInFlight,
        int partBytes,
        int retries,
        Optional<Integer> lockDays,
        String lockMode) {
    private static final int MIB = 1 << 20;

    /** @throws io.dbbackup.model.BackupException INVALID_CONFIGURATION naming the setting */
    static AzureSettings of(Map<String, String> settings) {
        SettingsReader reader = new SettingsReader("azure", settings);
        String account = reader.required("account", "[a-z0-9]{3,24}", "the name of a storage account");
        URI endpoint = reader.endpoint("endpoint")
                .orElseGet(() -> URI.create("https://" + account + ".blob.core.windows.net"));
        AzureSettings read = new AzureSettings(
                endpoint,
                account,
                reader.required("container", "[a-z0-9](-?[a-z0-9]){2,62}", "the name of a container"),
                reader.prefix("prefix"),
                reader.flag("pathStyle", !endpoint.getHost().startsWith(account + ".") && isAddress(endpoint)),
                reader.secret("accountKeySecret"),
                reader.secret("sasTokenSecret"),
                reader.text("accessTier", "Hot|Cool|Cold", "Hot, Cool or Cold"),
                reader.file("caFile", "a PEM file"),
                reader.number("partsInFlight", 2, 1, 32),
                reader.bytes("partBytes", 8 * MIB, (int) PartSizes.MINIMUM, (int) PartSizes.MAXIMUM),
                reader.number("retries", 5, 0, 20),
                reader.has("lockDays") ? Optional.of(reader.number("lockDays", 0, 1, 36_500)) : Optional.empty(),
                reader.text("lockMode", "unlocked|locked", "unlocked or locked").orElse("unlocked"));
        reader.refuseOthers();
        read.checkTogether(reader);
        return read;
    }

    /** Names of accounts are no part of addresses. */
    private static boolean isAddress(URI endpoint) {
        String host = endpoint.getHost();
        return host.equals("localhost") || host.startsWith("[") || host.matches("[0-9.]+");
    }

    private void checkTogether(SettingsReader reader) {
        if (accountKey.isPresent() == sasToken.isPresent()) {
            throw reader.invalid(
                    accountKey.isPresent() ? "has both account_key and sas_token" : "has neither account_key nor sas_token",
                    "Give one of account_key_file (or _env, _credential) and sas_token_file (or _env, _credential).");
        }
        if (reader.has("lockMode") && lockDays.isEmpty()) {
            throw reader.invalid("has a lock_mode without lock_days", "Set lock_days, or remove lock_mode.");
        }
        if (caFile.isPresent() && "http".equals(endpoint.getScheme())) {
            throw reader.invalid("has a ca_file for an endpoint without TLS", "Use an https endpoint, or remove ca_file.");
        }
    }

    /** Where it is, for people; no secret in it. */
    String location() {
        return "azure://" + account + "/" + container + "/" + prefix
                + (endpoint.getHost().equals(account + ".blob.core.windows.net") ? "" : " at " + endpoint);
    }
}
