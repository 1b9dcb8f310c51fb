package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.ClientText;
import io.dbbackup.engine.mysql.ColumnDefault;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.spi.RestoreContext;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Function;

/**
 * What the databases of a set are called on the target, for definitions of copies that name them: foreign keys, views and defaults by
 * sequences, in the words of SHOW CREATE. What bodies of routines, triggers and events name is left as it is, and so is every definition
 * of a database that keeps its name: it is no copy, and is not to work on one. Immutable.
 */
final class RunNames {
    private final Map<String, String> others = new TreeMap<>();
    private final boolean caseless;

    RunNames(RestoreContext context) {
        this(context.spec().whole(), !context.set().manifest().server().details().getOrDefault("lowerCaseTableNames", "0").equals("0"));
    }

    /**
     * @param names on the target by name in the set
     * @param caseless whether case means nothing in the names of the set
     */
    RunNames(Map<String, String> names, boolean caseless) {
        this.caseless = caseless;
        names.forEach((source, target) -> {
            if (!source.equals(target)) {
                others.put(key(source), target);
            }
        });
    }

    private String key(String name) {
        return caseless ? name.toLowerCase(Locale.ROOT) : name;
    }

    boolean caseless() {
        return caseless;
    }

    /** What it is called on the target; empty where that is its name in the set, or the run does not restore it. */
    Optional<String> other(String database) {
        return Optional.ofNullable(others.get(key(database)));
    }

    /**
     * What takes the place of a database's name in the definitions of another.
     *
     * @param owner whose definition it is, as the set calls it
     */
    Optional<String> other(String owner, String database) {
        return other(owner).flatMap(copy -> other(database));
    }

    /** The statement that sets a default in that database of the set, with the names of the target. */
    String inDefault(String owner, String statement) {
        return ColumnDefault.with(statement, database -> other(owner, database).map(Quoting::identifier));
    }

    /** The statement that adds foreign keys in that database of the set, with the names of the target. */
    String inKey(String owner, String statement) {
        return ForeignKeys.with(statement, database -> other(owner, database).map(Quoting::identifier));
    }

    /** The definition of that database of the set with the names of the target, as far as it can be told what is one. */
    ClientText in(String owner, Definition definition) {
        ClientText written = definition.written();
        Function<String, Optional<String>> quoted = database -> other(owner, database).map(Quoting::identifier).filter(written::takes);
        return switch (definition.kind()) {
            case FOREIGN_KEYS -> written.with(ForeignKeys.with(written.text(), quoted));
            case DEFAULTS -> written.with(ColumnDefault.with(written.text(), quoted));
            case VIEW -> written.with(new QuotedNames(written.text()).with(quoted));
            default -> written;
        };
    }
}
