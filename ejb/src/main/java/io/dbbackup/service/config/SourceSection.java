package io.dbbackup.service.config;

import io.dbbackup.model.SourceConfig;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the section {@code sources}. */
final class SourceSection {
    private final Plugins plugins;
    private final ConfigErrors errors;
    private final Names names = new Names("source");

    SourceSection(Plugins plugins, ConfigErrors errors) {
        this.plugins = plugins;
        this.errors = errors;
    }

    SourceConfig read(YamlMapping item) {
        String name = names.read(item);
        Optional<String> engine = item.requiredChoice("engine", List.copyOf(plugins.engines()));
        String host = host(item);
        int port = item.number("port", 1, 65_535)
                .map(Long::intValue)
                .orElseGet(() -> engine.map(plugins::defaultPort).orElse(0));
        SourceConfig source = new SourceConfig(
                name,
                engine.orElse(""),
                host,
                port,
                item.required("user", "Give the login role that reads the databases.").orElse(""),
                SecretKeys.read(item, "password"),
                database(item, engine),
                zone(item),
                engine.map(e -> options(item, e)).orElseGet(() -> ignored(item)),
                item.flag("require_encryption").orElse(false),
                item.number("max_connections", 1, 100_000).map(Long::intValue),
                BandwidthSection.read(item));
        item.finish();
        return source;
    }

    private String database(YamlMapping item, Optional<String> engine) {
        String usual = engine.map(plugins::defaultDatabase).orElse("");
        Optional<String> given = item.text("database");
        if (given.isPresent() && engine.isPresent() && usual.isEmpty()) {
            item.error(
                    "database",
                    "a source with engine " + engine.get() + " has no database to connect to: sessions need none",
                    "Remove it; a policy names the databases to back up.");
        }
        return given.orElse(usual);
    }

    private static String host(YamlMapping item) {
        String host = item.required("host", "Give a host name, an address, or the directory of a Unix socket.").orElse("");
        if (!host.isEmpty() && !host.matches("[A-Za-z0-9._:-]+|/.*")) {
            // may be a URL with a password in it: not repeated
            item.error(
                    "host",
                    "host is not a host name, an address or an absolute path",
                    "Give the host alone; port, user and database have keys of their own.");
        }
        return host;
    }

    private static Optional<String> zone(YamlMapping item) {
        return item.text("timezone").map(zone -> {
            try {
                ZoneId.of(zone);
            } catch (DateTimeException e) {
                item.error(
                        "timezone",
                        "\"" + zone + "\" is not a time zone",
                        DidYouMean.hint(zone, ZoneId.getAvailableZoneIds())
                                + "Give an IANA name, for example Europe/Berlin.");
            }
            return zone;
        });
    }

    private Map<String, String> options(YamlMapping item, String engine) {
        Map<String, String> options = new LinkedHashMap<>();
        item.mapping("options").ifPresent(mapping -> {
            for (String key : mapping.names()) {
                if (SecretKeys.isSecret(key)) {
                    SecretKeys.refuse(mapping, key);
                    mapping.take(key);
                    continue;
                }
                mapping.text(key).ifPresent(value -> {
                    errors.checked(
                            mapping.keyNode(key),
                            mapping.where(),
                            () -> plugins.checkOptions(engine, Map.of(key, value)));
                    options.put(key, value);
                });
            }
            errors.checked(mapping.node(), mapping.where(), () -> plugins.checkTogether(engine, options));
        });
        return options;
    }

    private static Map<String, String> ignored(YamlMapping item) {
        item.take("options");
        return Map.of();
    }
}
