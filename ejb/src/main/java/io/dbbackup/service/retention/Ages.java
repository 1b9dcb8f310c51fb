package io.dbbackup.service.retention;

import io.dbbackup.service.run.Parameters;
import java.time.Duration;
import java.time.format.DateTimeParseException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Ages as people write them: {@code 12h}, {@code 30d}, {@code 8w}, or an ISO 8601 duration such as {@code P30D}. */
public final class Ages {
    private static final Pattern SHORT = Pattern.compile("(\\d{1,6})([hdw])");

    private Ages() {}

    /** @throws io.dbbackup.model.BackupException INVALID_PARAMETER */
    public static Duration parse(String name, String text) {
        Matcher matcher = SHORT.matcher(text);
        if (matcher.matches()) {
            long number = Long.parseLong(matcher.group(1));
            return switch (matcher.group(2)) {
                case "h" -> Duration.ofHours(number);
                case "w" -> Duration.ofDays(7 * number);
                default -> Duration.ofDays(number);
            };
        }
        try {
            return Duration.parse(text);
        } catch (DateTimeParseException e) {
            throw Parameters.invalid(
                    name + " is \"" + text + "\"", "Give an age such as 12h, 30d, 8w, or an ISO 8601 duration.");
        }
    }

    /** The shortest of these forms. */
    public static String text(Duration age) {
        if (age.getSeconds() % 86_400 == 0 && age.getNano() == 0) {
            return age.toDays() + "d";
        }
        return age.getSeconds() % 3600 == 0 && age.getNano() == 0 ? age.toHours() + "h" : age.toString();
    }
}
