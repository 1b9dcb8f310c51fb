package io.dbbackup.service.run;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * Parameters of a run as plain strings, as the management console, REST and the command line give them alike. A list is
 * a JSON array or names separated by commas; a map is a JSON object or {@code a=b} pairs separated by commas (use JSON
 * when a name holds a comma or an equals sign). Immutable.
 *
 * <p>Every getter throws {@code INVALID_PARAMETER} naming the parameter, its value and what is allowed.
 */
public final class Parameters {
    private final Map<String, String> values;

    public Parameters(Map<String, String> values) {
        Map<String, String> given = new TreeMap<>();
        values.forEach((name, value) -> {
            if (value != null && !value.isBlank()) {
                given.put(name, value.strip());
            }
        });
        this.values = given;
    }

    public Map<String, String> asMap() {
        return Map.copyOf(values);
    }

    /** @throws BackupException INVALID_PARAMETER when a name is given that the operation does not know */
    public Parameters onlyKnown(Set<String> known) {
        Set<String> unknown = new TreeSet<>(values.keySet());
        unknown.removeAll(known);
        if (!unknown.isEmpty()) {
            throw invalid(
                    "unknown parameter " + String.join(", ", unknown),
                    "The parameters are: " + String.join(", ", new TreeSet<>(known)) + ".");
        }
        return this;
    }

    public Optional<String> text(String name) {
        return Optional.ofNullable(values.get(name));
    }

    public String required(String name) {
        return text(name).orElseThrow(() -> invalid("parameter " + name + " is missing", "Give " + name + "."));
    }

    public boolean flag(String name, boolean otherwise) {
        return text(name)
                .map(value -> switch (value.toLowerCase(Locale.ROOT)) {
                    case "true", "yes", "on" -> true;
                    case "false", "no", "off" -> false;
                    default -> throw invalid(name + " is \"" + value + "\"", "Give true or false.");
                })
                .orElse(otherwise);
    }

    public long number(String name, long otherwise, long min, long max) {
        return text(name)
                .map(value -> {
                    try {
                        long number = Long.parseLong(value);
                        if (number >= min && number <= max) {
                            return number;
                        }
                    } catch (NumberFormatException e) {
                        throw invalid(name + " is \"" + value + "\"", range(min, max), e);
                    }
                    throw invalid(name + " is " + value, range(min, max));
                })
                .orElse(otherwise);
    }

    private static String range(long min, long max) {
        return "Give a whole number from " + min + " to " + max + ".";
    }

    /** Bytes, with an optional unit k, M or G (powers of 1024). */
    public long bytes(String name, long otherwise, long min) {
        return text(name)
                .map(value -> {
                    if (!value.matches("\\d{1,15}[kKmMgG]?([iI]?[bB])?")) {
                        throw invalid(name + " is \"" + value + "\"", "Give bytes, for example 268435456 or 256M.");
                    }
                    long number = Long.parseLong(value.replaceAll("\\D", ""));
                    String unit = value.replaceAll("\\d", "").toLowerCase(Locale.ROOT);
                    int shift = unit.startsWith("k") ? 10 : unit.startsWith("m") ? 20 : unit.startsWith("g") ? 30 : 0;
                    long bytes = number << shift;
                    if (bytes < min || bytes >> shift != number) {
                        throw invalid(name + " is " + value, "Give at least " + min + " bytes.");
                    }
                    return bytes;
                })
                .orElse(otherwise);
    }

    public <E extends Enum<E>> E choice(String name, Class<E> type, E otherwise) {
        return text(name)
                .map(value -> Arrays.stream(type.getEnumConstants())
                        .filter(e -> e.name().equalsIgnoreCase(value))
                        .findFirst()
                        .orElseThrow(() -> invalid(
                                name + " is \"" + value + "\"",
                                "Give one of: "
                                        + String.join(
                                                ", ",
                                                Arrays.stream(type.getEnumConstants())
                                                        .map(e -> e.name().toLowerCase(Locale.ROOT))
                                                        .toList())
                                        + ".")))
                .orElse(otherwise);
    }

    public List<String> list(String name) {
        return text(name)
                .map(value -> {
                    if (value.startsWith("[")) {
                        return json(name, value, new TypeReference<List<String>>() {});
                    }
                    return Arrays.stream(value.split(","))
                            .map(String::strip)
                            .filter(s -> !s.isEmpty())
                            .toList();
                })
                .orElse(List.of());
    }

    /** In the given order; a name without {@code =} maps to itself. */
    public Map<String, String> map(String name) {
        return text(name)
                .map(value -> {
                    if (value.startsWith("{")) {
                        return json(name, value, new TypeReference<Map<String, String>>() {});
                    }
                    Map<String, String> map = new LinkedHashMap<>();
                    for (String pair : list(name)) {
                        int equals = pair.indexOf('=');
                        map.put(
                                equals < 0 ? pair : pair.substring(0, equals),
                                equals < 0 ? pair : pair.substring(equals + 1));
                    }
                    return map;
                })
                .orElse(Map.of());
    }

    private static <T> T json(String name, String value, TypeReference<T> type) {
        try {
            return Json.MAPPER.readValue(value, type);
        } catch (JsonProcessingException e) {
            throw invalid(
                    name + " is not JSON: " + e.getOriginalMessage(),
                    "Give a JSON array or object, or names separated by commas.",
                    e);
        }
    }

    public static BackupException invalid(String cause, String remedy) {
        return new BackupException(ErrorCode.INVALID_PARAMETER, cause, remedy);
    }

    private static BackupException invalid(String cause, String remedy, Throwable origin) {
        return new BackupException(ErrorCode.INVALID_PARAMETER, cause, remedy, origin);
    }
}
