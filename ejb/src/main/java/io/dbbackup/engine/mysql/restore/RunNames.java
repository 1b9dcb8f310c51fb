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
 * What the databases of a set are called on the target, for definitions that name them: foreign keys, views and defaults by sequences, in
 * the words of SHOW CREATE. What bodies of routines, triggers and events name is left as it is. Immutable.
 */
final class RunNames {
    private final Map<String, String> names = new TreeMap<>();
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
            this.names.put(key(source), target);
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

    /** What it is called on the target; empty for one that the run does not restore. */
    Optional<String> of(String database) {
        return Optional.ofNullable(names.get(key(database)));
    }

    /** The same where it is another name than in the set. */
    Optional<String> other(String database) {
        return Optional.ofNullable(others.get(key(database)));
    }

    /** The statement that sets a default, with the names of the target. */
    String inDefault(String statement) {
        return ColumnDefault.with(statement, database -> other(database).map(Quoting::identifier));
    }

    /** The definition with the names of the target, as far as it can be told what is one. */
    ClientText in(Definition definition) {
        ClientText written = definition.written();
        Function<String, Optional<String>> quoted = database -> other(database).map(Quoting::identifier).filter(written::takes);
        return switch (definition.kind()) {
            case FOREIGN_KEYS -> written.with(ForeignKeys.with(written.text(), quoted));
            case DEFAULTS -> written.with(ColumnDefault.with(written.text(), quoted));
            case VIEW -> written.with(new QuotedNames(written.text()).with(quoted));
            default -> written;
        };
    }
}
