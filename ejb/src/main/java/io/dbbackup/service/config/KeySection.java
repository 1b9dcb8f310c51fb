package io.dbbackup.service.config;

import io.dbbackup.model.KeyConfig;
import io.dbbackup.model.SecretRef;
import java.util.Optional;

/** Reads the section {@code keys}. Files are looked at when they are needed: they may be on other machines. */
final class KeySection {
    private final Names names = new Names("key");

    KeyConfig read(YamlMapping item) {
        String name = names.read(item);
        String type = item.requiredChoice("type", KeyConfig.TYPES).orElse("");
        Optional<String> file = path(item, "file");
        Optional<SecretRef> passphrase = SecretKeys.read(item, "passphrase");
        Optional<String> publicKey = path(item, "public_key_file");
        Optional<String> privateKey = path(item, "private_key_file");
        boolean pair = type.equals(KeyConfig.X25519) || type.equals(KeyConfig.RSA);
        refuse(item, "file", file.isPresent() && !type.equals(KeyConfig.KEY_FILE), KeyConfig.KEY_FILE);
        refuse(item, "passphrase", passphrase.isPresent() && !type.equals(KeyConfig.PASSPHRASE), KeyConfig.PASSPHRASE);
        refuse(item, "public_key_file", publicKey.isPresent() && !pair, "x25519 or rsa");
        refuse(item, "private_key_file", privateKey.isPresent() && !pair, "x25519 or rsa");
        String missing = switch (type) {
            case KeyConfig.KEY_FILE -> file.isEmpty() ? "file" : "";
            case KeyConfig.PASSPHRASE -> passphrase.isEmpty() ? "passphrase_file, passphrase_env or passphrase_credential" : "";
            case KeyConfig.X25519, KeyConfig.RSA -> publicKey.isEmpty() && privateKey.isEmpty()
                    ? "public_key_file (to encrypt) or private_key_file (to read as well)"
                    : "";
            default -> "";
        };
        if (!missing.isEmpty()) {
            item.error("type", "a key of type " + type + " lacks its " + missing, "Give " + missing + ".");
        }
        item.finish();
        return new KeyConfig(name, type, file, passphrase, publicKey, privateKey);
    }

    private static Optional<String> path(YamlMapping item, String key) {
        Optional<String> path = item.text(key);
        if (path.isPresent() && !path.get().startsWith("/")) {
            // may be a key that somebody pasted: not repeated
            item.error(key, key + " is not an absolute path", "Name a file; keys themselves never stand in a configuration.");
        }
        return path;
    }

    private static void refuse(YamlMapping item, String key, boolean refused, String type) {
        if (refused) {
            item.error(key, "only a key of type " + type + " has a " + key, "Leave it out, or change the type.");
        }
    }
}
