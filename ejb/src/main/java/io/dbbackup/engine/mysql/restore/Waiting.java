package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Predicate;
import java.util.stream.Stream;

/**
 * Views, defaults and foreign keys to other databases of the run that are not there yet, because others come first or because they were
 * broken in the source. Not thread-safe.
 */
final class Waiting {
    private final RestoreContext context;
    private final RestoreTarget target;
    private final ObjectCreation creation;
    private final List<Definition> definitions = new ArrayList<>();
    private final Map<Definition, BackupException> failures = new HashMap<>();

    Waiting(RestoreContext context, RestoreTarget target, ObjectCreation creation) {
        this.context = context;
        this.target = target;
        this.creation = creation;
    }

    /** @param definition of a view, a default or one foreign key */
    void add(Definition definition) {
        definitions.add(definition);
    }

    void remove(Predicate<Definition> there) {
        definitions.removeIf(there);
    }

    RestoreTarget target() {
        return target;
    }

    WaitingItem.Finished left() {
        return new WaitingItem.Finished(
                of(Definition.Kind.VIEW).map(Definition::name).toList(), of(Definition.Kind.DEFAULTS).map(Definition::statement).toList(),
                of(Definition.Kind.FOREIGN_KEYS).map(Definition::statement).toList());
    }

    private Stream<Definition> of(Definition.Kind kind) {
        return definitions.stream().filter(definition -> definition.kind() == kind);
    }

    /**
     * In rounds, each of which creates what the rounds before have made possible.
     *
     * @param session in the database
     * @return whether any was created
     */
    boolean create(Session session) {
        int all = definitions.size();
        int before = Integer.MAX_VALUE;
        while (!definitions.isEmpty() && definitions.size() < before) {
            before = definitions.size();
            definitions.removeIf(definition -> created(session, definition));
        }
        return definitions.size() < all;
    }

    private boolean created(Session session, Definition definition) {
        try {
            creation.create(session, definition);
            return true;
        } catch (BackupException e) {
            if (!refused(definition, e)) {
                throw e;
            }
            failures.put(definition, e);
            return false;
        }
    }

    /** Whether it cannot be created, at least not yet: nothing else, such as a full disk, must leave it out. */
    private boolean refused(Definition definition, BackupException e) {
        // a view may be broken for what its definer may not read, or read a table of the server's own that is not there
        return MysqlErrors.refusesText(e) || definition.kind() == Definition.Kind.VIEW
                && (e.code() == ErrorCode.DATABASE_PRIVILEGE_MISSING || MysqlErrors.unknownTable(e)
                        || MysqlErrors.damaged(e) && readsOthers(definition));
    }

    /** Whether it reads a database that the run does not restore: what is wrong there may never be mended. */
    private boolean readsOthers(Definition view) {
        return new QuotedNames(creation.statement(view)).databases().stream()
                .anyMatch(database -> context.spec().whole().values().stream().noneMatch(database::equalsIgnoreCase));
    }

    /** Nobody can create these. */
    void warn() {
        String database = "database \"" + target.name() + "\": ";
        definitions.forEach(definition -> {
            BackupException failure = failures.get(definition);
            if (definition.kind() == Definition.Kind.FOREIGN_KEYS) {
                creation.warnOfBroken(definition, failure);
                return;
            }
            String cause = failure.problem().cause();
            context.warn(definition.kind() == Definition.Kind.VIEW
                    ? database + "view \"" + definition.name() + "\" could not be created: " + cause
                            + (MysqlErrors.damaged(failure)
                                    ? ". Mend what it reads, then execute its statement in after-data.sql of the set"
                                    : "")
                    : database + "a default of table \"" + definition.name() + "\" could not be set: " + cause
                            + ". Make what the message names, then execute " + creation.statement(definition));
        });
    }
}
