package io.dbbackup.service.config;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.net.URI;
import java.net.URISyntaxException;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A store as one line: {@code s3://bucket/prefix?endpoint=…&secret_access_key_env=…}, {@code sftp://user@host:port/path},
 * {@code file:///path}. What the URL has no place for are parameters, named as in the configuration file; secrets are
 * references there, too.
 */
final class StoreUrl {
    private static final Map<String, String> TYPES = Map.of("gs", "gcs", "az", "azure");

    private StoreUrl() {}

    static boolean is(String text) {
        return text.matches("(?s)[A-Za-z][A-Za-z0-9+.-]*://.*");
    }

    /**
     * The keys of an item of the section {@code stores}, without its name.
     *
     * @throws BackupException INVALID_PARAMETER, which never repeats the URL: a secret may be in it by mistake
     */
    static Map<String, Object> item(String url) {
        URI uri = uri(url);
        String type = uri.getScheme().toLowerCase(Locale.ROOT);
        type = TYPES.getOrDefault(type, type);
        Map<String, Object> item = new LinkedHashMap<>();
        item.put("type", type);
        String path = Optional.ofNullable(uri.getPath()).orElse("").replaceAll("/+$", "");
        String place = Optional.ofNullable(uri.getRawAuthority()).orElse("");
        switch (type) {
            case "file" -> {
                if (!place.isEmpty()) {
                    throw invalid("the URL of a store of type file has a host", "Write three slashes: file:///path.");
                }
                item.put("path", path);
            }
            case "sftp" -> sftp(item, uri, path);
            default -> {
                if (place.contains("@")) {
                    throw secret();
                }
                put(item, type.equals("azure") ? "container" : "bucket", place);
                put(item, "prefix", path.replaceAll("^/+", ""));
            }
        }
        query(uri).forEach((name, value) -> {
            if (item.putIfAbsent(name, value) != null) {
                throw invalid("the URL says twice what " + name + " is", "Leave the parameter " + name + " out.");
            }
        });
        return item;
    }

    private static void sftp(Map<String, Object> item, URI uri, String path) {
        String user = Optional.ofNullable(uri.getUserInfo()).orElse("");
        if (user.contains(":")) {
            throw secret();
        }
        put(item, "host", Optional.ofNullable(uri.getHost()).orElse(""));
        put(item, "port", uri.getPort() < 0 ? "" : Integer.toString(uri.getPort()));
        put(item, "user", user);
        // as in ssh's own URLs: below the login directory
        put(item, "path", path.startsWith("/~/") ? path.substring(3) : path);
    }

    private static Map<String, String> query(URI uri) {
        Map<String, String> query = new LinkedHashMap<>();
        for (String pair : Optional.ofNullable(uri.getRawQuery()).orElse("").split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                query.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            } else if (!pair.isEmpty()) {
                throw invalid("a parameter of the URL has no value", "Write name=value, joined by &.");
            }
        }
        return query;
    }

    private static URI uri(String url) {
        try {
            URI uri = new URI(url);
            if (uri.getRawFragment() != null) {
                throw invalid("the URL has a # in it", "Write %23 for it.");
            }
            return uri;
        } catch (URISyntaxException e) {
            throw invalid(
                    "the URL of the store is malformed at character " + (e.getIndex() + 1) + ": " + e.getReason(),
                    "Write type://place/path?name=value, for example s3://bucket/prefix?region=eu-central-1.");
        }
    }

    private static void put(Map<String, Object> item, String name, String value) {
        if (!value.isEmpty()) {
            item.put(name, value);
        }
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    private static BackupException secret() {
        return invalid(
                "there are credentials in the URL of the store",
                "Take them out (and change them: others may have seen them); name a file or an environment variable of the"
                        + " server: ?secret_access_key_file=/path or ?password_env=NAME.");
    }

    private static BackupException invalid(String cause, String remedy) {
        return new BackupException(ErrorCode.INVALID_PARAMETER, cause, remedy);
    }
}
