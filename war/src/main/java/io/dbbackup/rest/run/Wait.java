package io.dbbackup.rest.run;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.time.Duration;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The query parameter {@code wait}: {@code 60s}, {@code 500ms}, {@code 2m}, or seconds; at most two minutes. */
final class Wait {
    static final Duration LONGEST = Duration.ofMinutes(2);
    private static final Pattern TEXT = Pattern.compile("(\\d{1,9})(ms|s|m)?");

    private Wait() {}

    /** Zero when the parameter is missing. */
    static Duration parse(String text) {
        if (text == null || text.isBlank()) {
            return Duration.ZERO;
        }
        Matcher m = TEXT.matcher(text.strip());
        if (!m.matches()) {
            throw new BackupException(
                    ErrorCode.INVALID_PARAMETER,
                    "wait is \"" + text + "\"",
                    "Give a time such as 60s; the longest is " + LONGEST.toSeconds() + "s.");
        }
        long number = Long.parseLong(m.group(1));
        Duration wanted = "ms".equals(m.group(2)) ? Duration.ofMillis(number)
                : "m".equals(m.group(2)) ? Duration.ofMinutes(number) : Duration.ofSeconds(number);
        return wanted.compareTo(LONGEST) > 0 ? LONGEST : wanted;
    }
}
