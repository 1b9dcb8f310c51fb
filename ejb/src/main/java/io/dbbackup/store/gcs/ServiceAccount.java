package io.dbbackup.store.gcs;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.Signature;
import java.security.spec.PKCS8EncodedKeySpec;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;

/**
 * The key of a service account, and the assertions (RFC 7523) that it signs. Thread-safe.
 *
 * @param tokenUri where assertions become access tokens
 */
record ServiceAccount(String email, String keyId, PrivateKey key, URI tokenUri) {
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final String SCOPE = "https://www.googleapis.com/auth/devstorage.read_write";
    private static final Duration VALID = Duration.ofHours(1);

    /**
     * @param location of the store, for messages
     * @throws BackupException INVALID_CONFIGURATION when it is no such key; the text is never repeated
     */
    static ServiceAccount parse(String text, String location) {
        try {
            JsonNode file = JSON.readTree(text);
            if (!"service_account".equals(file.path("type").asText())) {
                throw unusable(location, "it is not of type service_account");
            }
            String pem = file.path("private_key").asText();
            byte[] der = Base64.getMimeDecoder().decode(pem.replaceAll("-----[A-Z ]+-----", ""));
            return new ServiceAccount(
                    file.path("client_email").asText(),
                    file.path("private_key_id").asText(),
                    KeyFactory.getInstance("RSA").generatePrivate(new PKCS8EncodedKeySpec(der)),
                    URI.create(file.path("token_uri").asText("https://oauth2.googleapis.com/token")));
        } catch (JsonProcessingException e) {
            throw unusable(location, "it is not JSON");
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw unusable(location, "its private_key or token_uri is malformed");
        }
    }

    private static BackupException unusable(String location, String why) {
        return new BackupException(
                ErrorCode.INVALID_CONFIGURATION,
                "the service_account_key of the store " + location + " cannot be used: " + why,
                "Give the JSON file that Google Cloud makes for a key of a service account.");
    }

    /** A signed statement of who we are, valid for an hour. */
    String assertion(Instant now) {
        try {
            String header = part(Map.of("alg", "RS256", "typ", "JWT", "kid", keyId));
            String claims = part(Map.of(
                    "iss", email,
                    "scope", SCOPE,
                    "aud", tokenUri.toString(),
                    "iat", now.getEpochSecond(),
                    "exp", now.plus(VALID).getEpochSecond()));
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initSign(key);
            signature.update((header + "." + claims).getBytes(StandardCharsets.US_ASCII));
            return header + "." + claims + "."
                    + Base64.getUrlEncoder().withoutPadding().encodeToString(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e); // the key was read as one of RSA
        }
    }

    private static String part(Map<String, ?> fields) {
        try {
            return Base64.getUrlEncoder().withoutPadding().encodeToString(JSON.writeValueAsBytes(fields));
        } catch (JsonProcessingException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Without the key. */
    @Override
    public String toString() {
        return email;
    }
}
