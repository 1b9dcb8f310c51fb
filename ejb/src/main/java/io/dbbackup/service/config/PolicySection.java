package io.dbbackup.service.config;

import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.RetentionPolicy;
import java.time.Duration;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Reads the section {@code policies}. */
final class PolicySection {
    static final long MIN_PART_BYTES = 1L << 20;
    private static final int MAX_WORKERS = 64;
    private static final int MAX_COUNT = 100_000;

    private final Collection<String> sources;
    private final Collection<String> stores;
    private final Collection<String> keys;
    private final Names names = new Names("policy");

    PolicySection(Collection<String> sources, Collection<String> stores, Collection<String> keys) {
        this.sources = sources;
        this.stores = stores;
        this.keys = keys;
    }

    PolicyConfig read(YamlMapping item) {
        String name = names.read(item);
        String source = reference(item, "source", sources);
        String store = reference(item, "store", stores);
        List<String> databases = item.texts("databases");
        List<String> excluded = item.texts("exclude");
        if (!databases.isEmpty() && !excluded.isEmpty()) {
            item.error(
                    "exclude",
                    "databases and exclude are both given",
                    "Name the databases, or leave them out for the whole cluster and exclude some of it.");
        }
        Compression compression = item.mapping("compression").map(PolicySection::compression).orElse(Compression.DEFAULT);
        PolicyConfig policy = new PolicyConfig(
                name,
                source,
                store,
                databases,
                excluded,
                compression.codec(),
                compression.level(),
                partBytes(item),
                item.number("workers", 0, MAX_WORKERS).map(Long::intValue).orElse(0),
                item.flag("role_passwords").orElse(true),
                item.choice("on_error", List.of("stop", "continue")).map("continue"::equals).orElse(false),
                item.mapping("retention").map(PolicySection::retention),
                encrypt(item));
        item.finish();
        return policy;
    }

    private static String reference(YamlMapping item, String kind, Collection<String> known) {
        String name = item.required(kind, "Name one of the " + kind + "s.").orElse("");
        if (!name.isEmpty() && !known.contains(name)) {
            item.error(
                    kind,
                    "there is no " + kind + " \"" + name + "\"",
                    DidYouMean.hint(name, known)
                            + (known.isEmpty()
                                    ? "Add a " + kind + " of that name."
                                    : "Add it, or name one of: " + String.join(", ", known) + "."));
        }
        return name;
    }

    private List<String> encrypt(YamlMapping item) {
        List<String> names = item.texts("encrypt");
        for (String key : names) {
            if (!keys.contains(key)) {
                item.error(
                        "encrypt",
                        "there is no key \"" + key + "\"",
                        DidYouMean.hint(key, keys)
                                + (keys.isEmpty()
                                        ? "Add a key of that name."
                                        : "Add it, or name some of: " + String.join(", ", keys) + "."));
            }
        }
        return names;
    }

    private static long partBytes(YamlMapping item) {
        return item.text("part_size")
                .flatMap(text -> {
                    Optional<Long> bytes = Quantities.bytes(text).filter(b -> b >= MIN_PART_BYTES);
                    if (bytes.isEmpty()) {
                        item.error(
                                "part_size",
                                "part_size is \"" + text + "\"",
                                Quantities.BYTES_ALLOWED + " The smallest is " + Quantities.bytes(MIN_PART_BYTES) + ".");
                    }
                    return bytes;
                })
                .orElse(PolicyConfig.DEFAULT_PART_BYTES);
    }

    private record Compression(String codec, int level) {
        static final Compression DEFAULT = new Compression(PolicyConfig.DEFAULT_CODEC, PolicyConfig.DEFAULT_LEVEL);
    }

    /** Lowest, highest and usual level of each codec. */
    private static final Map<String, int[]> LEVELS = Map.of(
            "zstd", new int[] {-7, 19, PolicyConfig.DEFAULT_LEVEL}, "gzip", new int[] {1, 9, 6}, "lz4", new int[] {1, 12, 1});

    private static Compression compression(YamlMapping item) {
        String codec = item.choice("codec", List.of("zstd", "gzip", "lz4", "none")).orElse(PolicyConfig.DEFAULT_CODEC);
        int[] levels = LEVELS.get(codec);
        int level = 0;
        if (levels != null) {
            level = item.number("level", levels[0], levels[1]).map(Long::intValue).orElse(levels[2]);
        } else if (item.take("level").isPresent()) {
            item.error("level", "codec none has no levels", "Leave the level out.");
        }
        item.finish();
        return new Compression(codec, level);
    }

    private static RetentionPolicy retention(YamlMapping item) {
        Optional<Duration> maxAge = item.text("max_age").flatMap(text -> {
            Optional<Duration> age = Quantities.duration(text);
            if (age.isEmpty()) {
                item.error("max_age", "max_age is \"" + text + "\"", Quantities.DURATION_ALLOWED);
            }
            return age;
        });
        RetentionPolicy policy = new RetentionPolicy(
                count(item, "last", 0),
                count(item, "daily", 0),
                count(item, "weekly", 0),
                count(item, "monthly", 0),
                count(item, "yearly", 0),
                item.number("min_count", 1, MAX_COUNT).map(Long::intValue).orElse(1),
                maxAge);
        boolean rule = List.of("last", "daily", "weekly", "monthly", "yearly", "max_age").stream().anyMatch(item::has);
        if (!rule) {
            item.error(
                    "min_count",
                    "no rule says which sets to keep",
                    "Give at least one of last, daily, weekly, monthly, yearly, max_age.");
        }
        item.finish();
        return policy;
    }

    private static int count(YamlMapping item, String key, int otherwise) {
        return item.number(key, 0, MAX_COUNT).map(Long::intValue).orElse(otherwise);
    }
}
