package io.dbbackup.service.limit;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Bytes per second as people write them, and back: {@code 50 MiB/s}, {@code 50M} (powers of 1024), {@code 100 Mbit/s}
 * (powers of 1000, as lines are sold).
 */
public final class Rates {
    public static final String ALLOWED = "Give bytes per second, for example 50 MiB/s, or bits, for example 100 Mbit/s.";

    private static final Pattern BYTES =
            Pattern.compile("(\\d{1,12})\\s*([kmgt]?)(i?b)?(/s)?", Pattern.CASE_INSENSITIVE);
    private static final Pattern BITS = Pattern.compile("(\\d{1,12})\\s*([kmgt]?)bit/s", Pattern.CASE_INSENSITIVE);
    private static final String UNITS = "kmgt";
    private static final long SMALLEST = 1024;

    private Rates() {}

    /** Empty when the text is no rate, or one below 1 KiB/s or above 2^62 bytes per second. */
    public static Optional<Long> parse(String text) {
        Matcher bytes = BYTES.matcher(text.strip());
        Matcher bits = BITS.matcher(text.strip());
        double rate;
        if (bytes.matches()) {
            rate = Long.parseLong(bytes.group(1)) * Math.pow(1024, power(bytes.group(2)));
        } else if (bits.matches()) {
            rate = Long.parseLong(bits.group(1)) * Math.pow(1000, power(bits.group(2))) / 8;
        } else {
            return Optional.empty();
        }
        return rate >= SMALLEST && rate <= 0x1p62 ? Optional.of((long) rate) : Optional.empty();
    }

    private static int power(String unit) {
        return unit.isEmpty() ? 0 : UNITS.indexOf(unit.toLowerCase(Locale.ROOT)) + 1;
    }

    /** Exact: {@link #parse} understands it as the same number. */
    public static String text(long bytesPerSecond) {
        long number = bytesPerSecond;
        int unit = 0;
        while (number != 0 && number % 1024 == 0 && unit < UNITS.length()) {
            number /= 1024;
            unit++;
        }
        return number + " " + (unit == 0 ? "B/s" : UNITS.substring(unit - 1, unit).toUpperCase(Locale.ROOT) + "iB/s");
    }
}
