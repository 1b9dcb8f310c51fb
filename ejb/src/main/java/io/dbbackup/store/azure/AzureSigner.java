package io.dbbackup.store.azure;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.SecretRef;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * Proves who we are: with the key of the account (Shared Key, signed per request) or with a shared access signature,
 * which is part of the address. Thread-safe.
 */
final class AzureSigner {
    private final String account;
    private final Optional<SecretKeySpec> key;
    private final String sas;

    private AzureSigner(String account, Optional<SecretKeySpec> key, String sas) {
        this.account = account;
        this.key = key;
        this.sas = sas;
    }

    static AzureSigner of(AzureSettings settings, Function<SecretRef, String> secrets) {
        if (settings.sasToken().isPresent()) {
            String token = secrets.apply(settings.sasToken().get()).strip();
            String bare = token.startsWith("?") ? token.substring(1) : token;
            if (!bare.matches("[\\w.~%&=:+/-]+") || !("&" + bare).contains("&sig=")) {
                throw unusable(settings, "sas_token is no shared access signature", "sv=…&sig=…, without an address");
            }
            return new AzureSigner(settings.account(), Optional.empty(), bare);
        }
        try {
            byte[] key = Base64.getDecoder().decode(secrets.apply(settings.accountKey().orElseThrow()).strip());
            return new AzureSigner(settings.account(), Optional.of(new SecretKeySpec(key, "HmacSHA256")), "");
        } catch (IllegalArgumentException e) {
            // the exception names characters of the key
            throw unusable(settings, "account_key is no key of an account", "the Base64 text that Azure shows");
        }
    }

    private static BackupException unusable(AzureSettings settings, String what, String give) {
        return new BackupException(
                ErrorCode.INVALID_CONFIGURATION,
                "the " + what + ", in the store " + settings.location(),
                "Let the secret be " + give + ".");
    }

    /** What is added to the address of every request; a secret. */
    String query() {
        return sas;
    }

    /**
     * The header {@code Authorization}; empty where the address has all.
     *
     * @param headers all {@code x-ms-} headers and those that Azure signs, by lower-case name
     * @param path of the address, as sent
     * @param length of the body
     */
    Optional<String> authorization(
            String method, String path, Map<String, String> query, Map<String, String> headers, int length) {
        return key.map(secret -> "SharedKey " + account + ":"
                + hmac(secret, toSign(account, method, path, query, headers, length)));
    }

    /** The text that a Shared Key signature covers, as Azure's documentation says. */
    static String toSign(
            String account,
            String method,
            String path,
            Map<String, String> query,
            Map<String, String> headers,
            int length) {
        StringBuilder text = new StringBuilder(method).append('\n');
        text.append("\n\n"); // Content-Encoding, Content-Language
        text.append(length == 0 ? "" : length).append('\n');
        text.append(headers.getOrDefault("content-md5", "")).append('\n');
        text.append(headers.getOrDefault("content-type", "")).append('\n');
        text.append('\n'); // Date: x-ms-date instead
        for (String name : new String[] {
            "if-modified-since", "if-match", "if-none-match", "if-unmodified-since", "range"
        }) {
            text.append(headers.getOrDefault(name, "")).append('\n');
        }
        new TreeMap<>(headers).forEach((name, value) -> {
            if (name.startsWith("x-ms-")) {
                text.append(name).append(':').append(value).append('\n');
            }
        });
        text.append('/').append(account).append(path);
        new TreeMap<>(query).forEach((name, value) -> text.append('\n').append(name).append(':').append(value));
        return text.toString();
    }

    private static String hmac(SecretKeySpec key, String text) {
        try {
            Mac mac = Mac.getInstance("HmacSHA256");
            mac.init(key);
            return Base64.getEncoder().encodeToString(mac.doFinal(text.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
