package io.dbbackup.store;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.SecretRef;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Reads the settings of a store strictly; messages name them as the configuration file spells them. Every method throws
 * {@code BackupException} INVALID_CONFIGURATION for a value that is none. Not thread-safe.
 */
public final class SettingsReader {
    private static final Pattern SIZE = Pattern.compile("(\\d{1,10})([KMG]?)");

    private final String type;
    private final Map<String, String> settings;
    private final Set<String> known = new TreeSet<>();

    /** @param type that of the store, for messages */
    public SettingsReader(String type, Map<String, String> settings) {
        this.type = type;
        this.settings = settings;
    }

    public boolean has(String key) {
        return settings.containsKey(key);
    }

    public Optional<String> text(String key, String pattern, String what) {
        known.add(key);
        Optional<String> value = Optional.ofNullable(settings.get(key));
        if (value.isPresent() && !value.get().matches(pattern)) {
            throw wrong(key, value.get(), "Set " + snake(key) + " to " + what + ".");
        }
        return value;
    }

    public String required(String key, String pattern, String what) {
        return text(key, pattern, what)
                .orElseThrow(() -> invalid("has no " + snake(key), "Set " + snake(key) + " to " + what + "."));
    }

    public boolean flag(String key, boolean otherwise) {
        return text(key, "true|false", "true or false").map(Boolean::parseBoolean).orElse(otherwise);
    }

    public int number(String key, int otherwise, int least, int most) {
        Optional<String> text = text(key, "\\d{1,9}", "a number from " + least + " to " + most);
        int number = text.map(Integer::parseInt).orElse(otherwise);
        if (text.isPresent() && (number < least || number > most)) {
            throw wrong(key, text.get(), "Set " + snake(key) + " to a number from " + least + " to " + most + ".");
        }
        return number;
    }

    public int bytes(String key, int otherwise, int least, int most) {
        known.add(key);
        String text = settings.getOrDefault(key, Integer.toString(otherwise));
        Matcher matcher = SIZE.matcher(text);
        long bytes = matcher.matches() ? Long.parseLong(matcher.group(1)) << shift(matcher.group(2)) : -1;
        if (bytes < least || bytes > most) {
            throw wrong(key, text, "Set " + snake(key) + " to a size from 5M to 1G; K, M and G are powers of 1024.");
        }
        return (int) bytes;
    }

    private static int shift(String unit) {
        return unit.isEmpty() ? 0 : 10 * " KMG".indexOf(unit);
    }

    public Optional<SecretRef> secret(String key) {
        known.add(key);
        return Optional.ofNullable(settings.get(key)).map(SecretRef::parse);
    }

    public Optional<URI> endpoint(String key) {
        known.add(key);
        String text = settings.get(key);
        if (text == null) {
            return Optional.empty();
        }
        try {
            URI uri = new URI(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            boolean web = "https".equals(uri.getScheme()) || "http".equals(uri.getScheme());
            if (web && uri.getHost() != null && uri.getRawPath().isEmpty() && uri.getRawUserInfo() == null
                    && uri.getRawQuery() == null && uri.getRawFragment() == null) {
                return Optional.of(uri);
            }
        } catch (URISyntaxException e) {
            // said below
        }
        // what was written may hold a password
        throw invalid(
                "has an endpoint that is not a plain address",
                "Set endpoint to https://host or https://host:port; the bucket has its own setting.");
    }

    public String prefix(String key) {
        known.add(key);
        String text = settings.getOrDefault(key, "");
        String bare = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        if (!bare.isEmpty() && !BlobNames.isName(bare) || text.equals("/")) {
            throw wrong(key, text, "Use segments of letters, digits, dots, dashes and underscores with / between them.");
        }
        return bare.isEmpty() ? "" : bare + "/";
    }

    /** @param what kind of file, for the remedy */
    public Optional<Path> file(String key, String what) {
        known.add(key);
        String text = settings.get(key);
        try {
            Optional<Path> path = Optional.ofNullable(text).map(Path::of);
            if (path.isEmpty() || path.get().isAbsolute()) {
                return path;
            }
        } catch (InvalidPathException e) {
            // said below
        }
        throw wrong(key, text, "Set " + snake(key) + " to the absolute path of " + what + ".");
    }

    /** To be called when everything was read. */
    public void refuseOthers() {
        for (String key : new TreeSet<>(settings.keySet())) {
            if (!known.contains(key)) {
                throw invalid(
                        "does not know the setting \"" + snake(key) + "\"",
                        "Its settings are " + String.join(", ", known.stream().map(SettingsReader::snake).toList()) + ".");
            }
        }
    }

    public BackupException invalid(String what, String remedy) {
        return new BackupException(ErrorCode.INVALID_CONFIGURATION, "a store of type " + type + " " + what, remedy);
    }

    private BackupException wrong(String key, String value, String remedy) {
        return invalid("has the " + snake(key) + " \"" + value + "\"", remedy);
    }

    private static String snake(String key) {
        String bare = key.endsWith("Secret") ? key.substring(0, key.length() - "Secret".length()) : key;
        return bare.replaceAll("([A-Z])", "_$1").toLowerCase(Locale.ROOT);
    }
}
