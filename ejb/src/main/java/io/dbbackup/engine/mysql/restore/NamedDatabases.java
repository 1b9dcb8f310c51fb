package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.ClientText;
import io.dbbackup.engine.mysql.ColumnDefault;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.RestoreMarks;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Plural;
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
 * {@link RunNames} does not change that, or the run restores no such database; and of routines, triggers and events that name databases of
 * the set that the target will not have: the server creates them without a word.
 */
final class NamedDatabases {
    private static final int SHOWN = 20;
    private static final String PART = "\\p{L}\\p{N}_$";

    private final RestoreContext context;
    private final RunNames names;
    /** Names of the set and, where a database gets another name, of the target: what a body may name. */
    private final Set<String> known = new TreeSet<>();
    /** Databases of the set that the target neither has nor gets. */
    private final Set<String> missing;

    private NamedDatabases(RestoreContext context) {
        this.context = context;
        names = new RunNames(context);
        context.set().manifest().databases().stream().map(DatabaseEntry::name).forEach(known::add);
        try (Session session = Session.open(context.target(), "", "restore plan")) {
            List<String> there = session.sql().list("SELECT schema_name FROM information_schema.schemata", row -> row.getString(1));
            boolean caseless = RestoreMarks.caseless(session.sql());
            missing = known.stream().filter(name -> !context.spec().whole().containsKey(name)
                    && Stream.concat(there.stream(), context.spec().whole().values().stream())
                            .noneMatch(other -> RestoreMarks.same(name, other, caseless))).collect(Collectors.toSet());
            known.addAll(there);
        }
        known.removeIf(name -> RestorePreflight.RESERVED.contains(name.toLowerCase(Locale.ROOT)) || name.startsWith(RestoreTarget.PREFIX));
    }

    /** Does nothing where all databases keep their names and none that they may name is missing on the target. */
    static void warn(RestoreContext context) {
        NamedDatabases named = new NamedDatabases(context);
        if (!named.missing.isEmpty() || RestoreTarget.all(context).stream().anyMatch(NamedDatabases::copy)) {
            RestoreTarget.all(context).forEach(named::warn);
        }
    }

    private static boolean copy(RestoreTarget target) {
        return !target.name().equals(target.entry().name());
    }

    private void warn(RestoreTarget target) {
        List<String> original = new ArrayList<>();
        List<String> nothing = new ArrayList<>();
        try {
            AfterData.read(context, target, definition -> look(target, definition, original, nothing));
        } catch (BackupException e) {
            context.cancellation().check();
            if (e.code().retryable()) {
                throw e;
            }
            // the item that creates these says what is damaged, and other databases go on
            return;
        }
        warn(target, original, "databases that are not the copies of this run, and keep these names: what they read and change on "
                        + context.target() + " is the original's where it has these databases",
                "Change or drop what is not meant to; events run as soon as they are there, unless event_scheduler is OFF");
        warn(target, nothing, "databases that this run does not restore and that are not on " + context.target()
                        + ": they are created all the same, and fail when they are used",
                "Restore these databases of the set, too, or change or drop what names them");
    }

    private void warn(RestoreTarget target, List<String> found, String what, String remedy) {
        if (!found.isEmpty()) {
            context.warn("database \"" + target.name() + "\": "
                    + Plural.of(found.size(), "definition names, or seems to name, ", "definitions name, or seem to name, ") + what + ": "
                    + found.stream().limit(SHOWN).collect(Collectors.joining("; "))
                    + (found.size() > SHOWN ? "; and " + (found.size() - SHOWN) + " more" : "") + ". " + remedy);
        }
    }

    private void look(RestoreTarget target, Definition definition, List<String> original, List<String> nothing) {
        context.cancellation().check();
        List<String> left = left(target, definition).distinct().toList();
        // what keeps its name and names what keeps its own works as it did in the source
        add(original, definition, left.stream().filter(database -> copy(target) || names.other(database).isPresent()));
        // of the others the server says that it could not create them, or their rows are looked at
        if (!copy(target) && Set.of(Definition.Kind.ROUTINE, Definition.Kind.TRIGGER, Definition.Kind.EVENT).contains(definition.kind())) {
            add(nothing, definition, left.stream().filter(missing::contains));
        }
    }

    private void add(List<String> found, Definition definition, Stream<String> databases) {
        String shown = databases.map(this::shown).collect(Collectors.joining(", "));
        if (!shown.isEmpty()) {
            found.add(title(definition) + " (" + shown + ")");
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
