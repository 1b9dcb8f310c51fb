package io.dbbackup.service.config;

import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Byte sizes and durations as people write them, and back. Units of bytes are powers of 1024. */
final class Quantities {
    static final String BYTES_ALLOWED = "Give bytes with an optional unit K, M, G or T, for example 256M.";
    static final String DURATION_ALLOWED =
            "Give a positive number with a unit s, m, h, d or w, for example 30d, or an ISO 8601 duration.";

    private static final Pattern BYTES = Pattern.compile("(\\d{1,15})\\s*([kmgt]?)(i?b)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern DURATION = Pattern.compile("(\\d{1,9})\\s*([smhdw])");
    private static final String UNITS = "kmgt";

    private Quantities() {}

    /** Empty when the text is no size, or one that does not fit into 63 bits. */
    static Optional<Long> bytes(String text) {
        Matcher m = BYTES.matcher(text.strip());
        if (!m.matches()) {
            return Optional.empty();
        }
        int shift = m.group(2).isEmpty() ? 0 : 10 * (UNITS.indexOf(m.group(2).toLowerCase(Locale.ROOT)) + 1);
        long number = Long.parseLong(m.group(1));
        long bytes = number << shift;
        return bytes >= 0 && bytes >> shift == number ? Optional.of(bytes) : Optional.empty();
    }

    static String bytes(long bytes) {
        long number = bytes;
        int unit = 0;
        while (number != 0 && number % 1024 == 0 && unit < UNITS.length()) {
            number /= 1024;
            unit++;
        }
        return unit == 0 ? Long.toString(number) : number + UNITS.substring(unit - 1, unit).toUpperCase(Locale.ROOT);
    }

    /** Empty when the text is no positive duration. */
    static Optional<Duration> duration(String text) {
        Matcher m = DURATION.matcher(text.strip());
        try {
            Duration duration = m.matches() ? of(Long.parseLong(m.group(1)), m.group(2)) : Duration.parse(text.strip());
            return duration.isZero() || duration.isNegative() ? Optional.empty() : Optional.of(duration);
        } catch (DateTimeParseException | ArithmeticException e) {
            return Optional.empty();
        }
    }

    static String duration(Duration duration) {
        long seconds = duration.toSeconds();
        if (duration.getNano() != 0 || seconds == 0) {
            return duration.toString();
        }
        return seconds % 86_400 == 0 ? seconds / 86_400 + "d"
                : seconds % 3_600 == 0 ? seconds / 3_600 + "h"
                : seconds % 60 == 0 ? seconds / 60 + "m" : seconds + "s";
    }

    private static Duration of(long number, String unit) {
        return switch (unit) {
            case "s" -> Duration.ofSeconds(number);
            case "m" -> Duration.ofMinutes(number);
            case "h" -> Duration.ofHours(number);
            case "d" -> Duration.ofDays(number);
            default -> Duration.ofDays(Math.multiplyExact(number, 7L));
        };
    }
}
