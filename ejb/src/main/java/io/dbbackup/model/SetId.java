package io.dbbackup.model;

import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Locale;
import java.util.UUID;
import java.util.regex.Pattern;

/**
 * Name of a backup set, for example {@code 20261120T233200.123Z_p0100_7f3a9c21}: the instant in UTC first, so that names
 * sort by time, then the offset of the source's time zone at that instant ({@code p} plus, {@code m} minus), then
 * eight hex digits that keep two sets of one millisecond apart.
 */
public record SetId(String value) implements Comparable<SetId> {
    private static final Pattern FORM = Pattern.compile("\\d{8}T\\d{6}\\.\\d{3}Z_[pm]\\d{4}_[0-9a-f]{8}");
    private static final DateTimeFormatter UTC =
            DateTimeFormatter.ofPattern("yyyyMMdd'T'HHmmss.SSS'Z'", Locale.ROOT).withZone(ZoneOffset.UTC);

    public SetId {
        if (!isOne(value)) {
            throw new BackupException(
                    ErrorCode.UNKNOWN_BACKUP_SET,
                    "\"" + value + "\" is not the name of a backup set",
                    "List the backup sets and use one of their names.");
        }
    }

    /** Whether a text has the form of a set's name. */
    public static boolean isOne(String text) {
        return FORM.matcher(text).matches();
    }

    public static SetId of(Instant takenAt, ZoneId zone, UUID run) {
        ZoneOffset offset = zone.getRules().getOffset(takenAt);
        int minutes = Math.abs(offset.getTotalSeconds()) / 60;
        return new SetId("%s_%s%02d%02d_%08x".formatted(
                UTC.format(takenAt),
                offset.getTotalSeconds() < 0 ? "m" : "p",
                minutes / 60,
                minutes % 60,
                (int) run.getLeastSignificantBits()));
    }

    /** The instant that the name begins with, in milliseconds. */
    public Instant takenAt() {
        return Instant.from(UTC.parse(value.substring(0, value.indexOf('_'))));
    }

    @Override
    public int compareTo(SetId other) {
        return value.compareTo(other.value);
    }

    @Override
    public String toString() {
        return value;
    }
}
