package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.ClientText;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.DefinitionsReader;
import io.dbbackup.engine.mysql.DefinitionsSource;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.RestoreContext;
import java.io.IOException;
import java.io.InputStream;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/**
 * Creates what follows the rows, in the final database. Views that read other views wait for these; those that nobody can
 * create, because they were broken in the source, become warnings.
 */
final class AfterData {
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
    private final List<Definition> views = new ArrayList<>();

    /** @param again whether some of it may be there already */
    AfterData(RestoreContext context, RestoreTarget target, boolean again) {
        this.context = context;
        this.target = target;
        this.again = again;
    }

    /** Creates all but the events. */
    void run() {
        // those of the others were built when their rows were in
        Set<String> filled = target.manifest(context).tables().stream().map(TableManifest::name).collect(Collectors.toSet());
        read(
                (session, definition) -> {
                    switch (definition.kind()) {
                        case KEYS -> {
                            if (!filled.contains(definition.name())) {
                                create(session, definition);
                            }
                        }
                        case SEQUENCE, SEQUENCE_VALUE, TABLE, EVENT, ACCOUNT, GRANT, OBJECT_GRANT -> { }
                        case VIEW -> views.add(definition);
                        case DEFAULTS, FOREIGN_KEYS, ROUTINE -> create(session, definition);
                        case TRIGGER -> {
                            createViews(session);
                            create(session, definition);
                        }
                    }
                },
                this::createViews);
    }

    private void read(BiConsumer<Session, Definition> each, Consumer<Session> end) {
        String blob = target.manifest(context).afterDataBlob().orElseThrow(() -> new BackupException(
                ErrorCode.MANIFEST_INVALID,
                "the manifest of database \"" + target.entry().name() + "\" names no definitions that follow the rows",
                "Restore the manifest from another copy of the backup set."));
        try (Session session = Session.ofBytes(context.target(), target.name(), "restore definitions");
                Cancellation.Registration stop = session.endWith(context.cancellation());
                InputStream plain = context.set().open(target.blob(context, blob))) {
            session.sql().run("SET SESSION foreign_key_checks = 0");
            DefinitionsReader.read(plain, definition -> each.accept(session, definition));
            end.accept(session);
        } catch (IOException e) {
            throw SchemaItem.unreadable(blob, e);
        }
    }

    /** Creates the events alone. */
    void events() {
        read(
                (session, definition) -> {
                    if (definition.kind() == Definition.Kind.EVENT) {
                        create(session, definition);
                    }
                },
                session -> { });
    }

    /** An event whose time is over is not created, or disabled, with nothing but a note. */
    private void warnOfPassed(Session session, Definition definition) {
        session.sql().list("SHOW WARNINGS", row -> PASSED.contains(row.getInt(2)) ? row.getString(3) : "").stream()
                .filter(text -> !text.isEmpty())
                .forEach(text -> context.warn("database \"" + target.name() + "\": " + definition.name() + ": " + text));
    }

    private void create(Session session, Definition definition) {
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
            if (!again || !(e.getCause() instanceof SQLException origin) || !exists(origin)) {
                throw e;
            }
        }
    }

    private static boolean exists(SQLException e) {
        return EXISTS.contains(e.getErrorCode())
                || e.getErrorCode() == NOT_CREATED && e.getMessage().contains(DUPLICATE_KEY);
    }

    /** With the definer that was asked for. */
    private ClientText owned(Definition definition) {
        ClientText written = definition.written();
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

    /** In rounds, each of which creates what the rounds before have made possible. */
    private void createViews(Session session) {
        List<BackupException> failures = new ArrayList<>();
        int before = Integer.MAX_VALUE;
        while (!views.isEmpty() && views.size() < before) {
            before = views.size();
            failures.clear();
            views.removeIf(view -> {
                try {
                    create(session, view);
                    return true;
                } catch (BackupException e) {
                    if (e.code().retryable()) {
                        throw e;
                    }
                    failures.add(e);
                    return false;
                }
            });
        }
        for (int i = 0; i < views.size(); i++) {
            context.warn("database \"" + target.name() + "\": view \"" + views.get(i).name() + "\" could not be created: "
                    + failures.get(i).problem().cause());
        }
        views.clear();
    }
}
