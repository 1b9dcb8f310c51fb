package io.dbbackup.model.manifest;

import java.util.Map;

/**
 * The key of a set, wrapped for one recipient. Not secret.
 *
 * @param id names the recipient's key wherever it is configured: type and fingerprint, {@code passphrase:<name>} for one
 * @param name how the recipient was called in the configuration of the writer
 * @param type {@code key-file}, {@code passphrase}, {@code x25519} or {@code rsa}
 * @param parameters what the recipient needs besides its key; bytes are hex
 * @param wrapped the wrapped key, hex
 */
public record WrappedKey(String id, String name, String type, Map<String, String> parameters, String wrapped) {
    public WrappedKey {
        parameters = Map.copyOf(parameters);
    }
}
