package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.DefinitionsReader;
import io.dbbackup.engine.mysql.DefinitionsSource;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.io.IOException;
import java.io.InputStream;

/**
 * Ends the restore of a data-only set into a database: counts what the markers say, lets sequences and counters go on where the
 * set has them, creates suspended triggers again, and removes the markers. Repeatable: without markers it was done before.
 */
final class DataFinishItem {
    private static final String SEQUENCE = "DO ";

    private DataFinishItem() {}

    static ItemResult execute(RestoreContext context, WorkItem item) {
        RestoreTarget target = RestoreTarget.of(context, item.payload(RestoreKind.DatabaseTask.class).database());
        try (Session session = Session.open(context.target(), target.name(), "restore");
                Cancellation.Registration stop = session.endWith(context.cancellation())) {
            Sql sql = session.sql();
            Attempts.requireOnly(sql, target.temporaryName(), target.name());
            if (Databases.exists(sql, target.temporaryName())) {
                FinishItem.requireAll(context, sql, target);
                values(context, target, sql);
                new SuspendedTriggers(context.target(), sql, target.temporaryName()).resume();
                Databases.dropTemporary(sql, target.temporaryName());
                Ended.here(context, target);
            } else {
                Ended.warnUnless(context, target, "nothing proves that all rows were loaded into database \"" + target.name() + "\""
                        + (context.spec().suspendTriggers() ? ", or that its triggers are there" : ""));
            }
            return ItemResult.nothing();
        } catch (RuntimeException e) {
            context.cancellation().check();
            throw e;
        }
    }

    private static void values(RestoreContext context, RestoreTarget target, Sql sql) {
        String blob = target.manifest(context).schemaBlob();
        try (InputStream plain = context.set().open(target.blob(context, blob))) {
            DefinitionsReader.read(plain, definition -> value(context, target, sql, definition));
        } catch (IOException e) {
            throw SchemaItem.unreadable(blob, e);
        }
    }

    private static void value(RestoreContext context, RestoreTarget target, Sql sql, Definition definition) {
        try {
            sql.run(DefinitionsSource.settings(definition));
            if (!definition.statement().startsWith(SEQUENCE)) {
                sql.run(definition.statement());
            } else if (sql.text("SELECT " + definition.statement().substring(SEQUENCE.length())).isEmpty()) {
                // the server moves a sequence forward only
                context.warn("sequence \"" + definition.name() + "\" in database \"" + target.name()
                        + "\" stays as it is: it is not behind that of the set");
            }
        } catch (BackupException e) {
            if (e.code().retryable()) {
                throw e;
            }
            context.warn("in database \"" + target.name() + "\" \"" + definition.name()
                    + "\" does not go on counting where the set does: " + e.problem().cause());
        }
    }
}
