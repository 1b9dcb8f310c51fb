package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.ClientText;
import io.dbbackup.engine.mysql.ColumnDefault;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Warns of what goes on to work on the original's databases in a copy under another name, since its definition names them and
 * {@link RunNames} does not change that, or the run restores no such database.
 */
final class NamedDatabases {
    private static final int SHOWN = 20;
    private static final String PART = "\\p{L}\\p{N}_$";

    private final RestoreContext context;
    private final RunNames names;
    /** Names of the set and, where a database gets another name, of the target: what a body may name. */
    private final Set<String> known = new TreeSet<>();

    private NamedDatabases(RestoreContext context) {
        this.context = context;
        names = new RunNames(context);
        context.set().manifest().databases().stream().map(DatabaseEntry::name).forEach(known::add);
        try (Session session = Session.open(context.target(), "", "restore plan")) {
            known.addAll(session.sql().list("SELECT schema_name FROM information_schema.schemata", row -> row.getString(1)));
        }
        known.removeIf(name -> RestorePreflight.RESERVED.contains(name.toLowerCase(Locale.ROOT)) || name.startsWith(RestoreTarget.PREFIX));
    }

    /** Does nothing where all databases keep their names. */
    static void warn(RestoreContext context) {
        if (RestoreTarget.all(context).stream().anyMatch(NamedDatabases::copy)) {
            NamedDatabases named = new NamedDatabases(context);
            RestoreTarget.all(context).forEach(named::warn);
        }
    }

    private static boolean copy(RestoreTarget target) {
        return !target.name().equals(target.entry().name());
    }

    private void warn(RestoreTarget target) {
        List<String> found = new ArrayList<>();
        try {
            AfterData.read(context, target, definition -> look(target, definition, found));
        } catch (BackupException e) {
            context.cancellation().check();
            if (e.code().retryable()) {
                throw e;
            }
            // the item that creates these says what is damaged, and other databases go on
            return;
        }
        if (!found.isEmpty()) {
            context.warn("database \"" + target.name() + "\": " + found.size() + " definitions name, or seem to name, databases that are not the copies of this run,"
                    + " and keep these names: what they read and change on " + context.target() + " is the original's where it has these databases: "
                    + found.stream().limit(SHOWN).collect(Collectors.joining("; "))
                    + (found.size() > SHOWN ? "; and " + (found.size() - SHOWN) + " more" : "")
                    + ". Change or drop what is not meant to; events run as soon as they are there, unless event_scheduler is OFF");
        }
    }

    private void look(RestoreTarget target, Definition definition, List<String> found) {
        context.cancellation().check();
        List<String> databases = left(definition).distinct()
                .filter(database -> names.of(database).isPresent() ? names.other(database).isPresent() : copy(target))
                .map(this::shown).toList();
        if (!databases.isEmpty()) {
            found.add(title(definition) + " (" + String.join(", ", databases) + ")");
        }
    }

    private String shown(String database) {
        return "\"" + database + "\"" + names.other(database).map(name -> ", which is restored as \"" + name + "\"").orElse("");
    }

    private static String title(Definition definition) {
        return switch (definition.kind()) {
            case FOREIGN_KEYS -> "foreign keys of table";
            case DEFAULTS -> "a default of table";
            default -> definition.kind().name().toLowerCase(Locale.ROOT);
        } + " \"" + definition.name() + "\"";
    }

    /** The databases that it names and that keep their names in it. */
    private Stream<String> left(Definition definition) {
        ClientText written = definition.written();
        return switch (definition.kind()) {
            case FOREIGN_KEYS -> unchanged(ForeignKeys.elsewhere(written.text()).stream().map(ForeignKeys.Reference::database), written);
            case DEFAULTS -> unchanged(ColumnDefault.uses(written.text()).map(ColumnDefault.Use::database), written);
            case VIEW -> {
                QuotedNames quoted = new QuotedNames(written.text());
                yield quoted.databases().stream()
                        .filter(database -> quoted.ambiguous(database) || names.of(database).isEmpty() || !takesOther(written, database));
            }
            case ROUTINE, TRIGGER, EVENT -> known.stream().filter(database -> names(written, database, names.caseless()));
            default -> Stream.empty();
        };
    }

    private Stream<String> unchanged(Stream<String> databases, ClientText written) {
        return databases.filter(database -> names.of(database).isEmpty() || !takesOther(written, database));
    }

    private boolean takesOther(ClientText written, String database) {
        return names.other(database).filter(name -> !written.takes(name)).isEmpty();
    }

    /**
     * Whether a text has the name of a database in front of another name. Nothing but a server could tell an alias of the same name from
     * it; and constants count, too, since they may become statements.
     */
    static boolean names(ClientText written, String database, boolean caseless) {
        String name = new String(database.getBytes(ClientText.charset(written.client())), written.charset());
        if (!caseless && name.matches("[" + PART + "]+") && !written.text().contains(name)) {
            // cheaper, where there are thousands of databases and routines
            return false;
        }
        String plain = "(?<![" + PART + ".@`\"])" + Pattern.quote(name);
        String quoted = Stream.of("`", "\"")
                .map(quote -> "(?<![.@" + quote + "])" + Pattern.quote(quote + name.replace(quote, quote + quote) + quote))
                .collect(Collectors.joining("|"));
        return Pattern.compile("(?:" + plain + "|" + quoted + ")\\s*\\.\\s*[`\"" + PART + "]", caseless ? Pattern.CASE_INSENSITIVE : 0)
                .matcher(written.text()).find();
    }
}
