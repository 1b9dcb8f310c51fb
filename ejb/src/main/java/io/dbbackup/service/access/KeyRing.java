package io.dbbackup.service.access;

import io.dbbackup.catalog.Configuration;
import io.dbbackup.crypto.KeyBunch;
import io.dbbackup.crypto.KeyFiles;
import io.dbbackup.crypto.PassphraseKey;
import io.dbbackup.crypto.WrappingKey;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.KeyConfig;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;

/** The configured keys, read from where they are each time they are needed. Thread-safe; keeps nothing. */
public final class KeyRing {
    private final Configuration configuration;
    private final Secrets secrets;

    KeyRing(Configuration configuration, Secrets secrets) {
        this.configuration = configuration;
        this.secrets = secrets;
    }

    public boolean isEmpty() {
        return configuration.keys().isEmpty();
    }

    /** @throws BackupException INVALID_CONFIGURATION when one of the names is not that of a key */
    public void checkNames(List<String> names) {
        List<String> known = configuration.keys().stream().map(KeyConfig::name).toList();
        names.stream().filter(name -> !known.contains(name)).findFirst().ifPresent(name -> {
            throw new BackupException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "there is no key \"" + name + "\"",
                    known.isEmpty()
                            ? "Apply a configuration with a section keys."
                            : "Name some of: " + String.join(", ", known) + ".");
        });
    }

    /**
     * The keys to encrypt for.
     *
     * @throws BackupException INVALID_CONFIGURATION, KEY_INVALID, SECRET_UNAVAILABLE
     */
    public List<WrappingKey> recipients(List<String> names) {
        checkNames(names);
        return configuration.keys().stream()
                .filter(key -> names.contains(key.name()))
                .map(key -> load(key, false))
                .toList();
    }

    /** Every configured key that can open sets; one that cannot be read does not keep another from opening them. */
    public KeyBunch atHand() {
        List<WrappingKey> keys = new ArrayList<>();
        List<String> problems = new ArrayList<>();
        for (KeyConfig config : configuration.keys()) {
            try {
                WrappingKey key = load(config, true);
                if (key.canUnwrap()) {
                    keys.add(key);
                }
            } catch (BackupException e) {
                problems.add(e.problem().cause());
            }
        }
        return new KeyBunch(keys, problems);
    }

    /**
     * A configured key, for display.
     *
     * @param id type and fingerprint; empty when the key cannot be read
     * @param opens whether sets can be opened with it here
     * @param problem why it cannot be used
     */
    public record KeyState(String name, String type, Optional<String> id, boolean opens, Optional<String> problem) {}

    public List<KeyState> states() {
        return configuration.keys().stream().map(this::state).toList();
    }

    private KeyState state(KeyConfig config) {
        try {
            WrappingKey key = load(config, true);
            return new KeyState(config.name(), config.type(), Optional.of(key.id()), key.canUnwrap(), Optional.empty());
        } catch (BackupException e) {
            return new KeyState(
                    config.name(), config.type(), Optional.empty(), false, Optional.of(e.problem().cause()));
        }
    }

    /** @param toOpen false to leave a private key alone that only reading needs */
    private WrappingKey load(KeyConfig config, boolean toOpen) {
        return switch (config.type()) {
            case KeyConfig.KEY_FILE -> KeyFiles.keyFile(config.name(), Path.of(config.file().orElseThrow()));
            case KeyConfig.PASSPHRASE -> new PassphraseKey(config.name(), secrets.read(config.passphrase().orElseThrow()));
            case KeyConfig.X25519, KeyConfig.RSA -> KeyFiles.pair(
                    config.name(),
                    config.type(),
                    config.publicKeyFile().map(Path::of),
                    config.privateKeyFile()
                            .filter(file -> toOpen || config.publicKeyFile().isEmpty())
                            .map(Path::of));
            default -> throw new BackupException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "key \"" + config.name() + "\" has the unknown type " + config.type(),
                    "Use one of " + KeyConfig.TYPES.stream().collect(Collectors.joining(", ")) + ".");
        };
    }
}
