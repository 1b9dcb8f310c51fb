package io.dbbackup.engine.mysql;

import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The text of a trigger, which MariaDB keeps as its author has written it: perhaps with the name of its database, which may be
 * another one when it is restored, and with a neighbour that is created after it. Stateless.
 */
public final class TriggerText {
    private static final String NAME = "(?:`(?:[^`]|``)+`|\"(?:[^\"]|\"\")+\"|[\\p{L}\\p{N}_$]+)";
    private static final String OF_DATABASE = "(?:" + NAME + "\\s*\\.\\s*)?";
    private static final String QUOTED = "(?:`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\")";
    private static final Pattern HEAD = Pattern.compile(
            "^(CREATE (?:OR REPLACE )?(?:DEFINER=" + QUOTED + "(?:@" + QUOTED + ")? )?TRIGGER\\s+(?:IF\\s+NOT\\s+EXISTS\\s+)?)"
                    + OF_DATABASE + "(" + NAME + "\\s+(?:BEFORE|AFTER)\\s+(?:INSERT|UPDATE|DELETE)\\s+ON\\s+)"
                    + OF_DATABASE + "(" + NAME + "\\s+FOR\\s+EACH\\s+ROW\\s+)"
                    + "(?:(?:FOLLOWS|PRECEDES)\\s+" + OF_DATABASE + NAME + "\\s+)?",
            Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE);

    private TriggerText() {}

    /** The same trigger, in the database of the session, behind all others of its kind. Its body stays as it is. */
    public static String here(String statement) {
        Matcher head = HEAD.matcher(statement);
        return head.find()
                ? head.group(1) + head.group(2) + head.group(3) + statement.substring(head.end())
                : statement;
    }
}
