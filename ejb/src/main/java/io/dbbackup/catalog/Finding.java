package io.dbbackup.catalog;

import io.dbbackup.model.Problem;
import java.util.Optional;

/**
 * One thing that a verification looked at: a table with its rows, or a blob that is not as it should be.
 *
 * @param database empty for the set as a whole
 * @param subject what was looked at, for example {@code table public.orders} or the name of a blob
 * @param expected what the set says, for example {@code 1200 rows}
 * @param found what was there
 * @param problem what is wrong, exactly; always set when {@code passed} is false, and set on a passed finding that is
 *     worth a warning
 */
public record Finding(
        boolean passed, String database, String subject, String expected, String found, Optional<Problem> problem) {
    public static Finding passed(String database, String subject, String expected, String found) {
        return new Finding(true, database, subject, expected, found, Optional.empty());
    }

    public static Finding failed(String database, String subject, String expected, String found, Problem problem) {
        return new Finding(false, database, subject, expected, found, Optional.of(problem));
    }

    public static Finding warning(String database, String subject, String expected, String found, Problem problem) {
        return new Finding(true, database, subject, expected, found, Optional.of(problem));
    }
}
