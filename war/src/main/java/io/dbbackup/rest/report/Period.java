package io.dbbackup.rest.report;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.time.DateTimeException;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.time.OffsetDateTime;
import java.time.ZoneId;
import java.util.Optional;

/** The period of a report: days (whole ones, {@code to} included) or instants ({@code to} excluded). */
record Period(Instant from, Instant to) {
    private static final Duration DEFAULT = Duration.ofDays(30);

    /** Up to now, and from 30 days before, where nothing is given. */
    static Period of(Optional<String> from, Optional<String> to, ZoneId zone, Instant now) {
        Instant end = to.map(text -> instant("to", text, zone, 1)).orElse(now.plusSeconds(1));
        Instant begin = from.map(text -> instant("from", text, zone, 0)).orElse(end.minus(DEFAULT));
        if (!begin.isBefore(end)) {
            throw new BackupException(
                    ErrorCode.INVALID_PARAMETER, "from is not before to", "Give a period that has a length.");
        }
        return new Period(begin, end);
    }

    static ZoneId zone(Optional<String> zone) {
        try {
            return zone.map(ZoneId::of).orElseGet(ZoneId::systemDefault);
        } catch (DateTimeException e) {
            throw new BackupException(
                    ErrorCode.INVALID_PARAMETER,
                    "\"" + zone.orElse("") + "\" is not a time zone",
                    "Give an IANA name, for example Europe/Berlin.",
                    e);
        }
    }

    private static Instant instant(String name, String text, ZoneId zone, int daysAfter) {
        try {
            return text.contains("T")
                    ? OffsetDateTime.parse(text).toInstant()
                    : LocalDate.parse(text).plusDays(daysAfter).atStartOfDay(zone).toInstant();
        } catch (DateTimeException e) {
            throw new BackupException(
                    ErrorCode.INVALID_PARAMETER,
                    name + " is \"" + text + "\"",
                    "Give a day such as 2026-01-31, or an instant such as 2026-01-31T06:00:00+01:00.",
                    e);
        }
    }
}
