package io.dbbackup.engine.mysql;

import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Defaults of columns that take numbers from sequences (MariaDB): they name the databases of these, and the server takes them only when
 * the sequences are there. Stateless.
 */
public final class ColumnDefault {
    /**
     * A default that a column of any type has until it gets its own: nobody else has such a one. As the server shows it. The number keeps
     * the server from computing it, and from comparing it with the type, before a row needs it.
     */
    public static final String STAND_IN = "concat('dbbackup',connection_id())";

    private static final String NAME = "`(?:[^`]|``)*+`";
    /** A constant is as it is, and so is any other name. */
    private static final Pattern SEQUENCE = Pattern.compile(
            "'(?:[^'\\\\]|''|\\\\.)*+'|\\b(nextval|lastval|setval)\\((" + NAME + ")\\.(" + NAME + ")|" + NAME, Pattern.DOTALL);

    private ColumnDefault() {}

    /** How the statement begins that gives a column, and no other, a default. */
    public static String statement(String table, String column) {
        return "ALTER TABLE " + Quoting.identifier(table) + " ALTER COLUMN " + Quoting.identifier(column) + " SET DEFAULT ";
    }

    /** The sequences of an expression as the server shows it, with their databases, quoted. */
    public static Stream<String> sequences(String expression) {
        return SEQUENCE.matcher(expression).results().filter(found -> found.group(1) != null)
                .map(found -> found.group(2) + "." + found.group(3)).distinct();
    }

    /**
     * What a function does with a sequence.
     *
     * @param function {@code nextval}, {@code lastval} or {@code setval}
     */
    public record Use(String function, String database, String sequence) {}

    /** Which sequences of named databases an expression, or the statement with it, uses, and how. */
    public static Stream<Use> uses(String expression) {
        return SEQUENCE.matcher(expression).results().filter(found -> found.group(1) != null)
                .map(found -> new Use(found.group(1), name(found.group(2)), name(found.group(3)))).distinct();
    }

    private static String name(String quoted) {
        return quoted.substring(1, quoted.length() - 1).replace("``", "`");
    }

    /**
     * An expression, or the statement with it, with sequences of other databases.
     *
     * @param others the name that takes the place of a database's, in backquotes; empty to leave it
     */
    public static String with(String expression, Function<String, Optional<String>> others) {
        return SEQUENCE.matcher(expression).replaceAll(found -> Matcher.quoteReplacement(Optional.ofNullable(found.group(2))
                .flatMap(database -> others.apply(name(database)))
                .map(other -> found.group(1) + "(" + other + "." + found.group(3)).orElse(found.group())));
    }

    /**
     * An expression in which sequences of one database are those of whichever database it is executed in.
     *
     * @param database its name
     * @return empty where there is no sequence at all
     */
    public static Optional<String> movable(String expression, String database) {
        String own = Quoting.identifier(database);
        return sequences(expression).findAny().map(any -> SEQUENCE.matcher(expression).replaceAll(found -> Matcher.quoteReplacement(
                own.equals(found.group(2)) ? found.group(1) + "(" + found.group(3) : found.group())));
    }
}
