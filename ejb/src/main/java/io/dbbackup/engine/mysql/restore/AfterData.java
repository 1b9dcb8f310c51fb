package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.ClientText;
import io.dbbackup.engine.mysql.ColumnDefault;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.DefinitionsReader;
import io.dbbackup.engine.mysql.KeyStatements;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.RestoreContext;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Creates what follows the rows, in the final database. What is broken in the source becomes a warning. */
final class AfterData {
    private final RestoreContext context;
    private final RestoreTarget target;
    private final ObjectCreation creation;

    /** @param again whether some of it may be there already */
    AfterData(RestoreContext context, RestoreTarget target, boolean again) {
        this.context = context;
        this.target = target;
        this.creation = new ObjectCreation(context, target, again);
    }

    /**
     * Creates all but the events.
     *
     * @return what cannot be created, at least not yet
     */
    Waiting run() {
        // those of the others were built when their rows were in
        Set<String> filled = target.manifest(context).tables().stream().map(TableManifest::name).collect(Collectors.toSet());
        Waiting waiting = new Waiting(context, target, creation);
        try (Session session = session(); Cancellation.Registration stop = session.endWith(context.cancellation())) {
            read(context, target, definition -> {
                switch (definition.kind()) {
                    case KEYS -> {
                        if (!filled.contains(definition.name())) {
                            KeyStatements.split(definition.statement()).forEach(
                                    statement -> creation.create(session, definition.with(ClientText.of(statement))));
                        }
                    }
                    case SPATIAL_REFERENCE, SEQUENCE, SEQUENCE_VALUE, TABLE, EVENT, ACCOUNT, GRANT, OBJECT_GRANT -> { }
                    case VIEW, DEFAULTS -> waiting.add(definition);
                    case FOREIGN_KEYS -> creation.createForeignKeys(session, definition, waiting::add);
                    case ROUTINE -> creation.createOrWarn(session, definition);
                    case TRIGGER -> {
                        waiting.create(session);
                        creation.createOrWarn(session, definition);
                    }
                }
            });
            waiting.create(session);
        }
        return waiting;
    }

    /** Creates the events alone. */
    void events() {
        try (Session session = session(); Cancellation.Registration stop = session.endWith(context.cancellation())) {
            read(context, target, definition -> {
                if (definition.kind() == Definition.Kind.EVENT) {
                    creation.createOrWarn(session, definition);
                }
            });
        }
    }

    /** Those of the wanted views, defaults and foreign keys to other databases of the run that are not there. */
    Waiting missing(Sql sql, Predicate<Definition> wanted) {
        Waiting waiting = new Waiting(context, target, creation);
        read(context, target, definition -> {
            switch (definition.kind()) {
                case VIEW, DEFAULTS -> Stream.of(definition).filter(wanted).forEach(waiting::add);
                case FOREIGN_KEYS -> ForeignKeys.split(definition).stream().filter(creation::ofRun).filter(wanted).forEach(waiting::add);
                default -> { }
            }
        });
        if (!waiting.left().none()) {
            Set<String> tables = Set.copyOf(sql.list(
                    "SELECT table_name FROM information_schema.tables WHERE table_schema = ?", row -> row.getString(1), target.name()));
            // MariaDB has a text for what is NULL, and gives a timestamp with ON UPDATE a default of zeros
            List<String> statements = new ArrayList<>(sql.list(
                    "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = ? AND column_default NOT IN ('NULL', ?)"
                            + " AND NOT (data_type = 'timestamp' AND column_default LIKE '''0000-00-00%')",
                    row -> ColumnDefault.statement(row.getString(1), row.getString(2)), target.name(), ColumnDefault.STAND_IN));
            statements.addAll(sql.list(
                    "SELECT table_name, constraint_name FROM information_schema.table_constraints WHERE table_schema = ?"
                            + " AND constraint_type = 'FOREIGN KEY'",
                    row -> ForeignKeys.beginning(row.getString(1), row.getString(2)), target.name()));
            waiting.remove(definition -> definition.kind() == Definition.Kind.VIEW
                    ? tables.contains(definition.name())
                    : statements.stream().anyMatch(definition.statement()::startsWith));
        }
        return waiting;
    }

    /** For any definition, whatever the character set of its author was. */
    Session session() {
        Session session = Session.ofBytes(context.target(), target.name(), "restore definitions");
        try {
            LenientTables.in(session.sql());
            session.sql().run("SET SESSION foreign_key_checks = 0");
            return session;
        } catch (RuntimeException e) {
            session.close();
            throw e;
        }
    }

    /** Hands over all definitions that follow the rows of a database. */
    static void read(RestoreContext context, RestoreTarget target, Consumer<Definition> each) {
        String blob = target.manifest(context).afterDataBlob().orElseThrow(() -> new BackupException(
                ErrorCode.MANIFEST_INVALID,
                "the manifest of database \"" + target.entry().name() + "\" names no definitions that follow the rows",
                "Restore the manifest from another copy of the backup set."));
        try (InputStream plain = context.set().open(target.blob(context, blob))) {
            DefinitionsReader.read(plain, each);
        } catch (IOException e) {
            throw SchemaItem.unreadable(blob, e);
        }
    }
}
