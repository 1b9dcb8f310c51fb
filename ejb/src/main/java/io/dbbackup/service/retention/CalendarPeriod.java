package io.dbbackup.service.retention;

import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneId;
import java.time.temporal.IsoFields;
import java.util.Locale;

/** The periods of which one set each is kept. Their names sort by time, as far as retention needs them to. */
enum CalendarPeriod {
    DAILY {
        @Override
        String name(LocalDate date) {
            return date.toString();
        }
    },
    /** ISO 8601: weeks begin on Monday; the first one of a year has its first Thursday and may begin in December. */
    WEEKLY {
        @Override
        String name(LocalDate date) {
            return "%d-W%02d".formatted(date.get(IsoFields.WEEK_BASED_YEAR), date.get(IsoFields.WEEK_OF_WEEK_BASED_YEAR));
        }
    },
    MONTHLY {
        @Override
        String name(LocalDate date) {
            return "%d-%02d".formatted(date.getYear(), date.getMonthValue());
        }
    },
    YEARLY {
        @Override
        String name(LocalDate date) {
            return String.valueOf(date.getYear());
        }
    };

    abstract String name(LocalDate date);

    /** Name of the period that holds an instant, for example {@code 2026-W47}. */
    String of(Instant instant, ZoneId zone) {
        return name(LocalDate.ofInstant(instant, zone));
    }

    String rule() {
        return name().toLowerCase(Locale.ROOT);
    }
}
