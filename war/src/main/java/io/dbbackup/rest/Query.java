package io.dbbackup.rest;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** Reads query parameters. */
public final class Query {
    private Query() {}

    /** Empty when the parameter is missing or blank. */
    public static Optional<String> text(String value) {
        return Optional.ofNullable(value).map(String::strip).filter(v -> !v.isEmpty());
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
