package io.dbbackup.rest;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.service.run.Parameters;
import java.util.Arrays;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Reads query parameters. */
public final class Query {
    private Query() {}

    /** Empty when the parameter is missing or blank. */
    public static Optional<String> text(String value) {
        return Optional.ofNullable(value).map(String::strip).filter(v -> !v.isEmpty());
    }

    /** @throws BackupException INVALID_PARAMETER when it is no number, or none of that range */
    public static long number(String name, String text, long min, long max) {
        return new Parameters(Map.of(name, text)).number(name, min, min, max);
    }

    /**
     * False when the parameter is missing.
     *
     * @throws BackupException INVALID_PARAMETER when it is neither true nor false: a slip must not turn a dry run into a
     *     real one
     */
    public static boolean flag(String name, String text) {
        return text != null && new Parameters(Map.of(name, text)).flag(name, true);
    }

    /** @throws BackupException INVALID_PARAMETER naming what is allowed */
    public static <E extends Enum<E>> E value(String name, Class<E> type, String text) {
        return Arrays.stream(type.getEnumConstants())
                .filter(e -> e.name().equals(text.strip().toUpperCase(Locale.ROOT)))
                .findFirst()
                .orElseThrow(() -> new BackupException(
                        ErrorCode.INVALID_PARAMETER,
                        name + " is \"" + text + "\"",
                        "Give one of: "
                                + String.join(", ", Arrays.stream(type.getEnumConstants()).map(Enum::name).toList())
                                + "."));
    }
}
