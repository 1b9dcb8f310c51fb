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
import java.util.function.Predicate;
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
        // what keeps its name and names what keeps its own works as it did in the source
        List<String> databases = left(target, definition).distinct()
                .filter(database -> copy(target) || names.other(database).isPresent())
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
    private Stream<String> left(RestoreTarget target, Definition definition) {
        ClientText written = definition.written();
        return switch (definition.kind()) {
            case FOREIGN_KEYS -> ForeignKeys.elsewhere(written.text()).stream().map(ForeignKeys.Reference::database)
                    .filter(database -> unchanged(target, database, written));
            case DEFAULTS -> ColumnDefault.uses(written.text()).map(ColumnDefault.Use::database)
                    .filter(database -> unchanged(target, database, written));
            case VIEW -> {
                QuotedNames quoted = new QuotedNames(written.text());
                yield quoted.databases().stream()
                        .filter(database -> quoted.ambiguous(database) || unchanged(target, database, written));
            }
            case ROUTINE, TRIGGER, EVENT -> known.stream().filter(named(written, names.caseless()));
            default -> Stream.empty();
        };
    }

    private boolean unchanged(RestoreTarget target, String database, ClientText written) {
        return names.other(target.entry().name(), database).filter(written::takes).isEmpty();
    }

    /**
     * Tells whether a text has the name of a database in front of another. Nothing but a server could tell an alias of the same name from
     * it; and constants count, too, since they may become statements.
     */
    static Predicate<String> named(ClientText written, boolean caseless) {
        String text = caseless ? folded(written.text()) : written.text();
        return database -> {
            String name = new String(database.getBytes(ClientText.charset(written.client())), written.charset());
            // cheaper, where there are thousands of databases and routines; a quote in a name is doubled in quotes
            boolean may = name.indexOf('`') >= 0 || name.indexOf('"') >= 0 || text.contains(caseless ? folded(name) : name);
            return may && inFrontOfPoint(name, caseless).matcher(written.text()).find();
        };
    }

    private static Pattern inFrontOfPoint(String name, boolean caseless) {
        String plain = "(?<![" + PART + ".@`\"])" + Pattern.quote(name);
        String quoted = Stream.of("`", "\"")
                .map(quote -> "(?<![.@" + quote + "])" + Pattern.quote(quote + name.replace(quote, quote + quote) + quote))
                .collect(Collectors.joining("|"));
        return Pattern.compile("(?:" + plain + "|" + quoted + ")\\s*\\.\\s*[`\"" + PART + "]",
                caseless ? Pattern.CASE_INSENSITIVE | Pattern.UNICODE_CASE : 0);
    }

    /** With letters that a pattern takes for the same made the same; a text's lower case would depend on what is beside a letter. */
    private static String folded(String text) {
        StringBuilder folded = new StringBuilder(text.length());
        text.codePoints().forEach(letter -> folded.appendCodePoint(Character.toLowerCase(Character.toUpperCase(letter))));
        return folded.toString();
    }
}
