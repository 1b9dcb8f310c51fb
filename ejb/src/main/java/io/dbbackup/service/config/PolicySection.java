package io.dbbackup.service.config;

import io.dbbackup.model.Hooks;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.RetentionPolicy;
import java.time.Duration;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashMap;
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
        List<String> places = stores(item);
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
                places.isEmpty() ? "" : places.get(0),
                databases,
                excluded,
                compression.codec(),
                compression.level(),
                partBytes(item),
                item.number("workers", 0, MAX_WORKERS).map(Long::intValue).orElse(0),
                item.flag("role_passwords").orElse(true),
                item.choice("on_error", List.of("stop", "continue")).map("continue"::equals).orElse(false),
                item.mapping("retention").map(PolicySection::retention),
                encrypt(item),
                places.stream().skip(1).toList(),
                retentionByStore(item, places),
                SelectionSection.read(item),
                item.mapping("hooks").map(HooksSection::read).orElse(Hooks.NONE),
                reuse(item));
        item.finish();
        return policy;
    }

    private static String reference(YamlMapping item, String kind, Collection<String> known) {
        String name = item.required(kind, "Name one of the " + kind + "s.").orElse("");
        if (!name.isEmpty() && !known.contains(name)) {
            unknown(item, kind, kind, name, known);
        }
        return name;
    }

    private static void unknown(YamlMapping item, String key, String kind, String name, Collection<String> known) {
        item.error(
                key,
                "there is no " + kind + " \"" + name + "\"",
                DidYouMean.hint(name, known)
                        + (known.isEmpty()
                                ? "Add a " + kind + " of that name."
                                : "Add it, or name one of: " + String.join(", ", known) + "."));
    }

    /** The one of {@code store}, or those of {@code stores}, of which the first gets the backup and the others copies. */
    private List<String> stores(YamlMapping item) {
        List<String> names = item.texts("stores");
        if (!item.has("stores")) {
            String store = reference(item, "store", stores);
            return store.isEmpty() ? List.of() : List.of(store);
        }
        if (item.has("store")) {
            item.take("store");
            item.error("store", "store and stores are both given", "Name the stores in stores, that of the backup first.");
        }
        for (String name : names) {
            if (!stores.contains(name)) {
                unknown(item, "stores", "store", name, stores);
            }
        }
        if (names.isEmpty() || new HashSet<>(names).size() < names.size()) {
            item.error(
                    "stores",
                    names.isEmpty() ? "stores names no store" : "stores names a store twice",
                    "Name each store once, that of the backup first.");
        }
        return names.stream().distinct().toList();
    }

    private Map<String, RetentionPolicy> retentionByStore(YamlMapping item, List<String> places) {
        Map<String, RetentionPolicy> rules = new LinkedHashMap<>();
        item.mapping("retention_by_store").ifPresent(mapping -> {
            for (String store : mapping.names()) {
                if (!places.contains(store)) {
                    mapping.error(
                            store,
                            "the policy has no store \"" + store + "\"",
                            DidYouMean.hint(store, places) + "Name one of: " + String.join(", ", places) + ".");
                }
                mapping.mapping(store).map(PolicySection::retention).ifPresent(rule -> rules.put(store, rule));
            }
            mapping.finish();
        });
        return rules;
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

    private static Optional<Duration> reuse(YamlMapping item) {
        boolean reuses = item.flag("reuse_parts").orElse(false);
        Optional<String> text = item.text("reuse_within");
        Optional<Duration> within = text.flatMap(Quantities::duration);
        if (text.isPresent() && within.isEmpty()) {
            item.error("reuse_within", "reuse_within is \"" + text.get() + "\"", Quantities.DURATION_ALLOWED);
        }
        if (text.isPresent() && !reuses) {
            item.error("reuse_within", "reuse_within is given without reuse_parts", "Give reuse_parts: true as well.");
        }
        return reuses ? within.or(() -> Optional.of(PolicyConfig.DEFAULT_REUSE_WITHIN)) : Optional.empty();
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
