package io.dbbackup.cli.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Shows JSON whose fields the client does not know: names with values, lists of objects as tables. What a job newly
 * reports is so shown by every client.
 */
public final class Facts {
    private Facts() {}

    public static void print(PrintWriter out, JsonNode object, String indent) {
        Map<String, String> scalars = new LinkedHashMap<>();
        List<Map.Entry<String, JsonNode>> nested = new ArrayList<>();
        object.properties().forEach(field -> {
            if (field.getValue().isNull() || field.getValue().isTextual() && field.getValue().asText().isEmpty()) {
                return;
            }
            if (field.getValue().isValueNode()) {
                scalars.put(words(field.getKey()), value(field.getKey(), field.getValue()));
            } else if (!field.getValue().isEmpty()) {
                nested.add(field);
            }
        });
        print(out, scalars, indent);
        nested.forEach(field -> nested(out, field.getKey(), field.getValue(), indent));
    }

    public static void print(PrintWriter out, Map<String, String> facts, String indent) {
        int width = facts.keySet().stream().mapToInt(String::length).max().orElse(0);
        facts.forEach((name, value) -> out.println(
                indent + name + ":" + " ".repeat(width - name.length() + 1) + value.replaceAll("\\R", "\n" + indent + " ".repeat(width + 2))));
    }

    private static void nested(PrintWriter out, String name, JsonNode value, String indent) {
        out.println(indent + words(name) + ":");
        if (value.isObject()) {
            print(out, value, indent + "  ");
        } else if (value.get(0).isObject()) {
            table(value).print(out, indent + "  ");
        } else {
            value.forEach(item -> out.println(indent + "  " + value(name, item)));
        }
    }

    private static Table table(JsonNode list) {
        Set<String> keys = new LinkedHashSet<>();
        list.forEach(item -> item.fieldNames().forEachRemaining(keys::add));
        Table table = new Table(keys.stream().map(k -> words(k).toUpperCase(Locale.ROOT)).toArray(String[]::new));
        list.forEach(item -> table.row(keys.stream().map(k -> value(k, item.path(k))).toArray()));
        return table;
    }

    private static String value(String name, JsonNode value) {
        String lower = name.toLowerCase(Locale.ROOT);
        if (value.isMissingNode() || value.isNull()) {
            return "";
        }
        if (value.isIntegralNumber()) {
            return lower.contains("bytes") ? Amounts.bytes(value.asLong()) : Amounts.number(value.asLong());
        }
        if (lower.endsWith("at") && value.isTextual()) {
            return Amounts.instant(value.asText());
        }
        if (value.isTextual() && value.asText().matches("PT[0-9HMS.]+")) {
            return Amounts.seconds(java.time.Duration.parse(value.asText()).toSeconds());
        }
        if (value.isArray()) {
            List<String> items = new ArrayList<>();
            value.forEach(item -> items.add(value(name, item)));
            return String.join(", ", items);
        }
        return value.isValueNode() ? value.asText() : value.toString();
    }

    /** {@code plainBytes} becomes {@code Plain bytes}. */
    static String words(String camel) {
        String words = camel.replaceAll("([a-z0-9])([A-Z])", "$1 $2").toLowerCase(Locale.ROOT);
        return words.isEmpty() ? words : Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }
}
