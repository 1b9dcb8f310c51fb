package io.dbbackup.model;

import java.time.DayOfWeek;
import java.time.Instant;
import java.time.LocalTime;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/**
 * How many bytes per second may pass, by time of day. Immutable.
 *
 * @param bytesPerSecond when no window applies; empty: not limited then
 * @param windows the first that applies decides
 * @param zone IANA time zone that the windows are meant in
 */
public record Bandwidth(Optional<Long> bytesPerSecond, List<Window> windows, String zone) {
    /** More than a week: after that, nothing new comes. */
    private static final int DAYS_AHEAD = 8;

    public Bandwidth {
        windows = List.copyOf(windows);
    }

    /** The same limit at all times. */
    public static Bandwidth of(long bytesPerSecond) {
        return new Bandwidth(Optional.of(bytesPerSecond), List.of(), "UTC");
    }

    /**
     * A time of the day.
     *
     * @param days on which it begins; empty: every day
     * @param to when it ends; not after {@code from}: on the next day
     * @param bytesPerSecond empty: not limited
     */
    public record Window(List<DayOfWeek> days, LocalTime from, LocalTime to, Optional<Long> bytesPerSecond) {
        public Window {
            days = List.copyOf(days);
        }

        private boolean applies(ZonedDateTime at) {
            LocalTime time = at.toLocalTime();
            DayOfWeek today = at.getDayOfWeek();
            if (from.isBefore(to)) {
                return begins(today) && !time.isBefore(from) && time.isBefore(to);
            }
            return begins(today) && !time.isBefore(from) || begins(today.minus(1)) && time.isBefore(to);
        }

        private boolean begins(DayOfWeek day) {
            return days.isEmpty() || days.contains(day);
        }
    }

    /** Bytes per second at that instant; empty: not limited. */
    public OptionalLong at(Instant instant) {
        if (windows.isEmpty()) {
            return optional(bytesPerSecond);
        }
        ZonedDateTime at = instant.atZone(ZoneId.of(zone));
        for (Window window : windows) {
            if (window.applies(at)) {
                return optional(window.bytesPerSecond());
            }
        }
        return optional(bytesPerSecond);
    }

    /** When the limit becomes another one; empty when it never does. */
    public Optional<ZonedDateTime> changesAfter(Instant instant) {
        OptionalLong now = at(instant);
        ZonedDateTime today = instant.atZone(ZoneId.of(zone));
        return Stream.iterate(0, day -> day <= DAYS_AHEAD, day -> day + 1)
                .flatMap(day -> windows.stream()
                        .flatMap(window -> Stream.of(window.from(), window.to()))
                        .map(time -> today.toLocalDate().plusDays(day).atTime(time).atZone(today.getZone())))
                .filter(moment -> moment.toInstant().isAfter(instant))
                .sorted()
                .filter(moment -> !Objects.equals(at(moment.toInstant()), now))
                .findFirst();
    }

    private static OptionalLong optional(Optional<Long> rate) {
        return rate.map(OptionalLong::of).orElseGet(OptionalLong::empty);
    }
}
