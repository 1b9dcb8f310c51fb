package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.ClientText;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.DefinitionsSource;
import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.model.BackupException;
import io.dbbackup.spi.RestoreContext;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Set;
import java.util.function.Consumer;

/** Creates single objects in the final database, with the definer that was asked for and the databases' names on the target. */
final class ObjectCreation {
    /** There is already a table or view, a key, a foreign key, a routine, a trigger, an event of that name. */
    private static final Set<Integer> EXISTS = Set.of(1050, 1061, 1304, 1359, 1537, 1826);

    /** An event is disabled, or not made, because its time is over. */
    private static final Set<Integer> PASSED = Set.of(1544, 1588);

    /** A table could not be made (again), by MariaDB for many reasons; this one of InnoDB's is a name that is there already. */
    private static final int NOT_CREATED = 1005;
    private static final String DUPLICATE_KEY = "errno: 121";

    private final RestoreContext context;
    private final RestoreTarget target;
    private final boolean again;
    private final RunNames names;

    /** @param again whether some of it may be there already */
    ObjectCreation(RestoreContext context, RestoreTarget target, boolean again) {
        this.context = context;
        this.target = target;
        this.again = again;
        this.names = new RunNames(context);
    }

    /** The statement as it is executed but for the definer: with the databases' names on the target. */
    String statement(Definition definition) {
        return named(definition).text();
    }

    private ClientText named(Definition definition) {
        return names.in(target.entry().name(), definition);
    }

    void create(Session session, Definition definition) {
        session.sql().run(DefinitionsSource.settings(definition));
        if (definition.databaseCollation().isEmpty()) {
            createHere(session, definition);
            return;
        }
        // whoever is killed in between does all of it again, this, too
        session.sql().run(DefinitionsSource.alterDatabase(definition));
        try {
            createHere(session, definition);
        } finally {
            session.sql().run(DefinitionsSource.alterDatabaseBack(target.properties(context).options()));
        }
    }

    /** Sources keep objects that they would not create any more: the rest of the database must not be lost for these. */
    void createOrWarn(Session session, Definition definition) {
        try {
            create(session, definition);
        } catch (BackupException e) {
            warnOfBroken(definition.kind().name().toLowerCase(Locale.ROOT) + " \"" + definition.name() + "\"", e, "",
                    definition.kind() != Definition.Kind.EVENT);
        }
    }

    /**
     * All keys of a table by one statement; only when the server does not take that, each by its own.
     *
     * @param later takes those that are refused and refer to other databases of the run: what has their names may be what these replace
     */
    void createForeignKeys(Session session, Definition inSet, Consumer<Definition> later) {
        ClientText all = named(inSet);
        try {
            session.sql().run(DefinitionsSource.settings(inSet));
            session.sql().run(all.bytes(), all.text());
        } catch (BackupException e) {
            if (!MysqlErrors.refusesText(e) && !there(e)) {
                throw e;
            }
            ForeignKeys.split(inSet).forEach(key -> createForeignKey(session, key, later));
        }
    }

    private void createForeignKey(Session session, Definition key, Consumer<Definition> later) {
        ClientText named = named(key);
        try {
            session.sql().run(named.bytes(), named.text());
        } catch (BackupException e) {
            if (there(e)) {
                return;
            }
            if (MysqlErrors.refusesText(e) && ofRun(key)) {
                later.accept(key);
            } else {
                warnOfBroken(key, e);
            }
        }
    }

    /** Whether a foreign key refers to another database that the run restores. */
    boolean ofRun(Definition key) {
        return ForeignKeys.elsewhere(statement(key)).stream()
                .anyMatch(parent -> context.spec().whole().values().stream().anyMatch(parent.database()::equalsIgnoreCase));
    }

    void warnOfBroken(Definition key, BackupException e) {
        String statement = statement(key);
        // what it refers to in another database may be another table than on the source
        warnOfBroken("a foreign key of table \"" + key.name() + "\"", e, statement, ForeignKeys.elsewhere(statement).isEmpty());
    }

    private void warnOfBroken(String what, BackupException e, String statement, boolean broken) {
        if (!MysqlErrors.refusesText(e)) {
            throw e;
        }
        context.warn("database \"" + target.name() + "\": " + what + " could not be created, and everything else goes on: "
                + (statement.isEmpty() ? e.problem().cause() : Quoted.reason(e))
                + ForeignKeys.remedy(e, broken) + ", then execute "
                + (statement.isEmpty() ? "its statement" : statement + " (it is") + " in after-data.sql of the set"
                + (statement.isEmpty() ? "" : ")"));
    }

    /** An event whose time is over is not created, or disabled, with nothing but a note. */
    private void warnOfPassed(Session session, Definition definition) {
        session.sql().list("SHOW WARNINGS", row -> PASSED.contains(row.getInt(2)) ? row.getString(3) : "").stream()
                .filter(text -> !text.isEmpty())
                .forEach(text -> context.warn("database \"" + target.name() + "\": " + definition.name() + ": " + text));
    }

    private void createHere(Session session, Definition definition) {
        ClientText owned = owned(definition);
        if (owned.text().indexOf(ClientText.REPLACED) >= 0) {
            context.warn("database \"" + target.name() + "\": the text of \"" + definition.name() + "\" has a replacement character (U+FFFD):"
                    + " where its author's client did not use UTF-8, an older version of dbbackup has stored it damaged; compare it with"
                    + " the source's and take a new backup");
        }
        try {
            session.sql().run(owned.bytes(), owned.text());
            if (definition.kind() == Definition.Kind.EVENT) {
                warnOfPassed(session, definition);
            }
        } catch (BackupException e) {
            if (!there(e)) {
                throw e;
            }
        }
    }

    /** Whether an earlier attempt may have made it. */
    private boolean there(BackupException e) {
        return again && e.getCause() instanceof SQLException origin
                && (EXISTS.contains(origin.getErrorCode())
                        || origin.getErrorCode() == NOT_CREATED && origin.getMessage().contains(DUPLICATE_KEY));
    }

    /** With the definer that was asked for. */
    private ClientText owned(Definition definition) {
        ClientText written = named(definition);
        String statement = written.text();
        if (context.spec().definer().isEmpty() && context.spec().owners()) {
            return written;
        }
        if (Definers.unknown(statement)) {
            context.warn("database \"" + target.name() + "\": \"" + definition.name()
                    + "\" keeps its definer, which was not found in its statement");
        }
        if (context.spec().definer().filter(definer -> !written.takes(definer)).isPresent()) {
            context.warn("database \"" + target.name() + "\": \"" + definition.name() + "\" keeps its definer, since its text is in the"
                    + " character set " + written.client() + ", which does not have the characters of the other one");
            return written;
        }
        return written.with(context.spec().definer()
                .map(definer -> Definers.replaced(statement, Definer.quoted(definer)))
                .orElseGet(() -> Definers.without(statement)));
    }
}
