package io.dbbackup.service.config;

import io.dbbackup.model.SecretRef;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Reads references to secrets ({@code x_env}, {@code x_file}, {@code x_credential}) and refuses secrets in clear. */
final class SecretKeys {
    private static final Pattern SECRET =
            // the id of a key is a name: AWS's access_key_id
            Pattern.compile(
                    "password|passwd|passphrase|secret|token|private_?key|ac(?:cess|count)_?key(?!_?id$)",
                    Pattern.CASE_INSENSITIVE);
    private static final Map<String, SecretRef.Kind> SUFFIXES = suffixes();

    private SecretKeys() {}

    private static Map<String, SecretRef.Kind> suffixes() {
        Map<String, SecretRef.Kind> kinds = new LinkedHashMap<>();
        for (SecretRef.Kind kind : SecretRef.Kind.values()) {
            kinds.put("_" + kind.name().toLowerCase(Locale.ROOT), kind);
        }
        return kinds;
    }

    /** The reference to the secret {@code name}; reports a secret in clear and more than one reference. */
    static Optional<SecretRef> read(YamlMapping item, String name) {
        if (item.has(name)) {
            refuse(item, name);
            item.reported(name);
        }
        Optional<SecretRef> found = Optional.empty();
        boolean one = false;
        for (Map.Entry<String, SecretRef.Kind> suffix : SUFFIXES.entrySet()) {
            String key = name + suffix.getKey();
            Optional<String> value = item.text(key);
            if (item.has(key) && one) {
                item.error(key, "there is more than one reference to the " + name, allowed(name));
            }
            one |= item.has(key);
            found = found.or(() -> value.flatMap(v -> reference(item, key, suffix.getValue(), v)));
        }
        return found;
    }

    /** Name of the secret that this key refers to, for example {@code secret_key} for {@code secret_key_env}. */
    static Optional<String> referredBy(String key) {
        return SUFFIXES.keySet().stream()
                .filter(key::endsWith)
                .map(suffix -> key.substring(0, key.length() - suffix.length()))
                .filter(SecretKeys::isSecret)
                .findFirst();
    }

    static boolean isSecret(String key) {
        return SECRET.matcher(key).find();
    }

    /** Reports a secret in clear; its value must not appear anywhere. */
    static void refuse(YamlMapping item, String key) {
        item.error(key, key + " is given in clear", allowed(key));
    }

    /** The key and value that give this reference in the file. */
    static Map.Entry<String, String> write(String name, SecretRef reference) {
        return Map.entry(name + "_" + reference.kind().name().toLowerCase(Locale.ROOT), reference.value());
    }

    private static String allowed(String name) {
        return "Give one of " + name + "_env (environment variable of the server), " + name + "_file (absolute path) or "
                + name + "_credential (alias in the server's credential store).";
    }

    private static Optional<SecretRef> reference(YamlMapping item, String key, SecretRef.Kind kind, String value) {
        String mistake = switch (kind) {
            case ENV -> value.matches("[A-Za-z_][A-Za-z0-9_]*") ? "" : "Give the name of an environment variable.";
            case FILE -> value.startsWith("/") ? "" : "Give the absolute path of a file that the server can read.";
            case CREDENTIAL -> value.matches("\\S{1,200}") ? "" : "Give an alias of the server's credential store.";
        };
        if (!mistake.isEmpty()) {
            // what was written may be the secret itself
            item.error(key, key + " is not a reference", mistake);
            return Optional.empty();
        }
        return Optional.of(new SecretRef(kind, value));
    }
}
