package io.dbbackup.service.config;

import io.dbbackup.model.SecretRef;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Reads settings whose names only a plug-in knows: {@code subject_prefix} in the file is {@code subjectPrefix} for the
 * plug-in, and {@code access_key_env} is {@code accessKeySecret} with a reference.
 */
final class SettingsSection {
    private SettingsSection() {}

    static Map<String, String> read(YamlMapping item, List<String> otherKeys) {
        Map<String, String> settings = new LinkedHashMap<>();
        for (String key : item.names()) {
            if (otherKeys.contains(key)) {
                continue;
            }
            if (slip(item, key, otherKeys)) {
                continue;
            }
            String secret = SecretKeys.referredBy(key).orElse("");
            if (!secret.isEmpty()) {
                SecretKeys.read(item, secret).ifPresent(ref -> settings.put(camel(secret) + "Secret", ref.toString()));
            } else if (SecretKeys.isSecret(key)) {
                SecretKeys.refuse(item, key);
                item.take(key);
            } else {
                List<String> values = item.texts(key);
                if (!values.isEmpty()) {
                    settings.put(camel(key), String.join(", ", values));
                }
            }
        }
        return settings;
    }

    /** True when this is no setting but a key that is missing, misspelt; it is then reported as unknown. */
    private static boolean slip(YamlMapping item, String key, List<String> otherKeys) {
        return DidYouMean.of(key, otherKeys).filter(meant -> !item.has(meant)).isPresent();
    }

    /** The same settings under the keys of the file. */
    static Map<String, String> write(Map<String, String> settings) {
        Map<String, String> written = new java.util.TreeMap<>();
        settings.forEach((key, value) -> {
            if (key.endsWith("Secret")) {
                Map.Entry<String, String> reference = SecretKeys.write(
                        snake(key.substring(0, key.length() - "Secret".length())), SecretRef.parse(value));
                written.put(reference.getKey(), reference.getValue());
            } else {
                written.put(snake(key), value);
            }
        });
        return written;
    }

    static String camel(String snake) {
        StringBuilder camel = new StringBuilder();
        for (String word : snake.split("_")) {
            camel.append(camel.isEmpty() || word.isEmpty() ? word : Character.toUpperCase(word.charAt(0)) + word.substring(1));
        }
        return camel.toString();
    }

    static String snake(String camel) {
        StringBuilder snake = new StringBuilder();
        for (char c : camel.toCharArray()) {
            snake.append(Character.isUpperCase(c) ? "_" + Character.toLowerCase(c) : Character.toString(c));
        }
        return snake.toString();
    }
}
