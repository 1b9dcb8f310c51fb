package io.dbbackup.model;

import java.math.BigDecimal;
import java.util.Optional;

/**
 * Which rows of every table a sample takes: a fraction of them, or a number. The same seed chooses the same rows as long
 * as they have the same keys.
 *
 * @param fraction above 0 and below 1; 0 when {@code rows} says how many
 * @param rows of every table; 0 when {@code fraction} says how many
 */
public record Sample(double fraction, long rows, long seed) {
    /** Most rows per table. */
    public static final long MOST_ROWS = 10_000_000;

    public Sample {
        if (fraction < 0 || fraction >= 1 || rows < 0 || rows > MOST_ROWS || (fraction > 0) == (rows > 0)) {
            throw new IllegalArgumentException("no sample: " + fraction + ", " + rows);
        }
    }

    /** {@code 1%}, {@code 0.01} or a number of rows; empty when it is none of these. */
    public static Optional<Sample> parse(String text, long seed) {
        try {
            String number = text.strip();
            if (number.matches("[0-9]{1,8}")) {
                return Optional.of(new Sample(0, Long.parseLong(number), seed));
            }
            boolean percent = number.endsWith("%");
            BigDecimal value = new BigDecimal(percent ? number.substring(0, number.length() - 1).strip() : number);
            return Optional.of(new Sample(percent ? value.movePointLeft(2).doubleValue() : value.doubleValue(), 0, seed));
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }

    /** As {@link #parse} reads it. */
    public String amount() {
        return rows > 0
                ? Long.toString(rows)
                : BigDecimal.valueOf(fraction).movePointRight(2).stripTrailingZeros().toPlainString() + "%";
    }
}
