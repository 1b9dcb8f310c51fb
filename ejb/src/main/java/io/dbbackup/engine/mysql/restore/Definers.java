package io.dbbackup.engine.mysql.restore;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The account with whose rights a view, routine, trigger or event acts. Stateless. */
final class Definers {
    /** As SHOW CREATE writes it, before the kind of the object: nothing else of the statement comes before it. */
    private static final Pattern DEFINER = Pattern.compile(
            "^(CREATE (?:OR REPLACE )?(?:ALGORITHM=\\w+ )?)DEFINER=(`(?:[^`]|``)*`(?:@`(?:[^`]|``)*`)?) ");

    private Definers() {}

    /** Who it is, as the statement names it. */
    static Optional<String> of(String statement) {
        Matcher matcher = DEFINER.matcher(statement);
        return matcher.find() ? Optional.of(matcher.group(2)) : Optional.empty();
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
