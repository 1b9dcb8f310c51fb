package io.dbbackup.service.config;

import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import org.snakeyaml.engine.v2.nodes.MappingNode;
import org.snakeyaml.engine.v2.nodes.Node;
import org.snakeyaml.engine.v2.nodes.NodeTuple;
import org.snakeyaml.engine.v2.nodes.ScalarNode;
import org.snakeyaml.engine.v2.nodes.SequenceNode;
import org.snakeyaml.engine.v2.nodes.Tag;

/**
 * A mapping that is being read key by key. Every getter reports what is wrong at its place and then returns empty, so
 * that reading goes on; {@link #finish()} reports the keys that nobody asked for.
 */
final class YamlMapping {
    private final Node node;
    private final ConfigErrors errors;
    private final Map<String, Node> keys = new LinkedHashMap<>();
    private final Map<String, Node> values = new LinkedHashMap<>();
    private final TreeSet<String> known = new TreeSet<>();
    private final Set<String> reported = new HashSet<>();
    private final List<ScalarNode> repeated = new ArrayList<>();
    private String where;

    private YamlMapping(MappingNode node, String where, ConfigErrors errors) {
        this.node = node;
        this.where = where;
        this.errors = errors;
        for (NodeTuple entry : node.getValue()) {
            if (!(entry.getKeyNode() instanceof ScalarNode key)) {
                errors.add(entry.getKeyNode(), where, "a key is not a name", "Write name: value.");
            } else if (values.putIfAbsent(key.getValue(), entry.getValueNode()) != null) {
                repeated.add(key);
            } else {
                keys.put(key.getValue(), key);
            }
        }
    }

    static Optional<YamlMapping> of(Node node, String where, ConfigErrors errors) {
        if (node instanceof MappingNode mapping) {
            return Optional.of(new YamlMapping(mapping, where, errors));
        }
        errors.add(node, where, "this is " + kind(node) + ", not a mapping", "Write keys with values, one per line.");
        return Optional.empty();
    }

    /** How messages call this mapping from now on. */
    void where(String name) {
        where = name;
    }

    String where() {
        return where;
    }

    Node node() {
        return node;
    }

    /** The node of a key if it is there, to report an error at, else the mapping itself. */
    Node at(String key) {
        return values.getOrDefault(key, node);
    }

    Node keyNode(String key) {
        return keys.getOrDefault(key, node);
    }

    boolean has(String key) {
        return values.containsKey(key);
    }

    Iterable<String> names() {
        return List.copyOf(values.keySet());
    }

    void error(String key, String problem, String allowed) {
        errors.add(at(key), where, problem, allowed);
    }

    /** Enough was said about this key: nobody is told that it is unknown, nor offered it. */
    void reported(String key) {
        reported.add(key);
    }

    Optional<Node> take(String key) {
        known.add(key);
        return Optional.ofNullable(values.get(key)).filter(value -> {
            boolean empty = value.getTag().equals(Tag.NULL);
            if (empty) {
                errors.add(keys.get(key), where, key + " has no value", "Give a value or leave the key out.");
            }
            return !empty;
        });
    }

    Optional<String> text(String key) {
        return take(key).flatMap(value -> scalar(key, value));
    }

    Optional<String> required(String key, String allowed) {
        if (!has(key)) {
            errors.add(node, where, key + " is missing", allowed);
        }
        return text(key);
    }

    Optional<Long> number(String key, long min, long max) {
        return text(key).flatMap(text -> {
            try {
                long number = Long.parseLong(text);
                if (number >= min && number <= max) {
                    return Optional.of(number);
                }
            } catch (NumberFormatException e) {
                // reported below, like a number out of range
            }
            error(key, key + " is \"" + text + "\"", "Give a whole number from " + min + " to " + max + ".");
            return Optional.empty();
        });
    }

    Optional<Boolean> flag(String key) {
        return choice(key, List.of("true", "false")).map(Boolean::valueOf);
    }

    Optional<String> choice(String key, List<String> allowed) {
        return text(key).flatMap(text -> {
            if (allowed.contains(text)) {
                return Optional.of(text);
            }
            error(
                    key,
                    key + " is \"" + text + "\"",
                    DidYouMean.hint(text, allowed) + "Give one of: " + String.join(", ", allowed) + ".");
            return Optional.empty();
        });
    }

    Optional<String> requiredChoice(String key, List<String> allowed) {
        if (has(key)) {
            return choice(key, allowed);
        }
        known.add(key);
        errors.add(node, where, key + " is missing", "Give one of: " + String.join(", ", allowed) + ".");
        return Optional.empty();
    }

    /** A list of texts; one text alone is a list of one. */
    List<String> texts(String key) {
        List<String> texts = new ArrayList<>();
        take(key).ifPresent(value -> {
            List<Node> items = value instanceof SequenceNode sequence ? sequence.getValue() : List.of(value);
            items.forEach(item -> scalar(key, item).ifPresent(texts::add));
        });
        return texts;
    }

    Optional<YamlMapping> mapping(String key) {
        return take(key).flatMap(value -> of(value, where.isEmpty() ? key : where + ": " + key, errors));
    }

    /** A list of mappings, each called {@code key[1]}, {@code key[2]} … until it has told its name. */
    List<YamlMapping> mappings(String key) {
        List<YamlMapping> items = new ArrayList<>();
        take(key).ifPresent(value -> {
            if (value instanceof SequenceNode sequence) {
                int number = 0;
                for (Node item : sequence.getValue()) {
                    of(item, key + "[" + ++number + "]", errors).ifPresent(items::add);
                }
            } else {
                errors.add(value, key, "this is " + kind(value) + ", not a list", "Begin each item with \"- name:\".");
            }
        });
        return items;
    }

    /** Reports the keys that were never asked for, and those that are there twice. */
    void finish() {
        repeated.forEach(
                key -> errors.add(key, where, "\"" + key.getValue() + "\" is given twice", "Keep one of them."));
        keys.forEach((key, at) -> {
            if (!known.contains(key) && !reported.contains(key)) {
                errors.add(
                        at,
                        where,
                        "unknown key \"" + key + "\"",
                        DidYouMean.hint(key, known) + "The keys here are: " + String.join(", ", known) + ".");
            }
        });
    }

    private Optional<String> scalar(String key, Node value) {
        if (value instanceof ScalarNode scalar && !scalar.getValue().isBlank()) {
            return Optional.of(scalar.getValue());
        }
        errors.add(value, where, key + " is " + kind(value), "Give a single value.");
        return Optional.empty();
    }

    private static String kind(Node node) {
        return switch (node.getNodeType()) {
            case MAPPING -> "a mapping";
            case SEQUENCE -> "a list";
            case SCALAR, ANCHOR -> node instanceof ScalarNode s && s.getValue().isBlank() ? "empty" : "a single value";
        };
    }
}
