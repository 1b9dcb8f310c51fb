package io.dbbackup.engine.mysql;

import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * The members of ENUM and SET columns, of which the servers take digits for the number of a member, or for the bits of several,
 * where no member has this name (manuals, "The ENUM Type", "The SET Type"; {@code Field_enum::store} and {@code Field_set::store}
 * of both vendors). All of it is without state.
 */
public final class Members {
    private static final Pattern NUMBER = Pattern.compile("\\s*\\+?[0-9]+\\s*");
    private static final Pattern ZEROS = Pattern.compile("0+(?=[0-9])|0+$");
    /** Longer texts are no numbers to {@code Field_set::store}. */
    private static final int LONGEST_NUMBER = 21;

    private Members() {}

    /**
     * How the rows write the bits of a SET that has the member {@code ''}: the names alone do not tell this member from none.
     *
     * @param columnType as in {@code information_schema.columns.column_type}
     * @return zeros that come before the number, so many that no member is called like it; empty where the names do, and for other types
     */
    public static String mask(String columnType) {
        List<String> members = named(columnType, "set(");
        if (!members.contains("")) {
            return "";
        }
        int zeros = 1 + members.stream().filter(member -> NUMBER.matcher(member).matches())
                .map(member -> ZEROS.matcher(member.strip()))
                .mapToInt(matcher -> matcher.lookingAt() ? matcher.end() : 0).max().orElse(0);
        int digits = Long.toUnsignedString(-1L >>> Long.SIZE - Math.min(Long.SIZE, members.size())).length();
        return zeros + digits > LONGEST_NUMBER ? "" : "0".repeat(zeros);
    }

    /** Whether rows of such a column may hold digits, which mean something else where the members are others. */
    public static boolean numbered(String columnType) {
        return !mask(columnType).isEmpty() || !numbers(columnType).isEmpty();
    }

    /**
     * What a column must have so that digits in rows of another one mean the same to it.
     *
     * @param here column type of that column
     * @param there column type of the rows' own one
     * @return what is missing, in words; empty if nothing is
     */
    public static String missing(String here, String there) {
        if (!mask(there).isEmpty()) {
            return here.equals(there) ? "" : "is " + here + " instead of " + there + ", whose rows hold numbers";
        }
        List<String> missing = new ArrayList<>(numbers(there));
        missing.removeAll(numbers(here));
        return missing.isEmpty() ? "" : "has no member '" + missing.get(0) + "', which would become the member of that number";
    }

    private static List<String> numbers(String columnType) {
        List<String> members = new ArrayList<>(named(columnType, "enum("));
        members.addAll(named(columnType, "set("));
        members.removeIf(member -> !NUMBER.matcher(member).matches());
        return members;
    }

    private static List<String> named(String columnType, String type) {
        List<String> members = new ArrayList<>();
        if (!columnType.toLowerCase(Locale.ROOT).startsWith(type)) {
            return members;
        }
        int at = type.length();
        while (at < columnType.length() && columnType.charAt(at) == '\'') {
            StringBuilder member = new StringBuilder();
            for (at++; at < columnType.length(); at++) {
                char c = columnType.charAt(at);
                if (c == '\'' && !columnType.startsWith("''", at)) {
                    break;
                }
                at += c == '\'' ? 1 : 0;
                member.append(c);
            }
            members.add(member.toString());
            // the quote and the comma
            at += 2;
        }
        return members;
    }
}
