package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Quoting;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The account with whose rights a view, routine, trigger or event acts. Stateless. */
final class Definers {
    /** As SHOW CREATE writes it, before the kind of the object: nothing else of the statement comes before it. */
    private static final Pattern DEFINER;

    static {
        // what was made with ANSI_QUOTES or in the Oracle mode is shown with double quotes
        String name = "(?:`(?:[^`]|``)*`|\"(?:[^\"]|\"\")*\")";
        DEFINER = Pattern.compile(
                "^(CREATE (?:OR REPLACE )?(?:ALGORITHM=\\w+ )?)DEFINER=(" + name + ")(?:@(" + name + "))? ");
    }

    /** Written in another way than any that is known. */
    private static final Pattern SOME = Pattern.compile("^CREATE (?:OR REPLACE )?(?:ALGORITHM=\\w+ )?DEFINER\\b");

    private Definers() {}

    /** Whether there is a definer that can be neither removed nor replaced. */
    static boolean unknown(String statement) {
        return SOME.matcher(statement).find() && !DEFINER.matcher(statement).find();
    }

    /** Who it is, with the quotes of every sql_mode. */
    static Optional<String> of(String statement) {
        Matcher matcher = DEFINER.matcher(statement);
        return matcher.find()
                ? Optional.of(quoted(matcher.group(2)) + (matcher.group(3) == null ? "" : "@" + quoted(matcher.group(3))))
                : Optional.empty();
    }

    private static String quoted(String name) {
        return name.startsWith("`") ? name : Quoting.identifier(name.substring(1, name.length() - 1).replace("\"\"", "\""));
    }

    /** The statement with another definer, if it has one. */
    static String replaced(String statement, String definer) {
        Matcher matcher = DEFINER.matcher(statement);
        return matcher.find()
                ? matcher.group(1) + "DEFINER=" + definer + " " + statement.substring(matcher.end())
                : statement;
    }

    /** The statement without its definer: it then becomes the account that executes it. */
    static String without(String statement) {
        Matcher matcher = DEFINER.matcher(statement);
        return matcher.find() ? matcher.group(1) + statement.substring(matcher.end()) : statement;
    }
}
