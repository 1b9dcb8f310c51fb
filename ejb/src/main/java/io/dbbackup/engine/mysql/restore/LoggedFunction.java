package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Definition;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What a server with a binary log asks of a function that is created, as long as it does not trust everybody
 * ({@code log_bin_trust_function_creators}). Of procedures and packages it asks nothing. Stateless.
 */
final class LoggedFunction {
    private static final Pattern FUNCTION = Pattern.compile("^CREATE (?:OR REPLACE )?(?:AGGREGATE )?FUNCTION ");

    /** As SHOW CREATE writes it: what is said of it has lines of its own between the type and the body. */
    private static final Pattern SAID = Pattern.compile(FUNCTION
            + "(?:`(?:[^`]|``)*+`|\"(?:[^\"]|\"\")*+\")(?:\\((?s:.*?)\\))? RETURNS? (?:'(?:[^']|'')*+'|[^'\\n])*+\\n((?: {4}[A-Z ]+\\n)*+)");
    private static final Pattern SUFFICES = Pattern.compile("(?m)^ {4}(?:DETERMINISTIC|NO SQL|READS SQL DATA)$");

    private LoggedFunction() {}

    static boolean is(Definition definition) {
        return definition.kind() == Definition.Kind.ROUTINE
                && FUNCTION.matcher(Definers.without(definition.statement())).find();
    }

    /** Whether nobody may create it, whatever the privileges: it does not say that it changes nothing or always does the same. */
    static boolean refused(Definition definition) {
        if (!is(definition)) {
            return false;
        }
        Matcher said = SAID.matcher(Definers.without(definition.statement()));
        return !said.find() || !SUFFICES.matcher(said.group(1)).find();
    }
}
