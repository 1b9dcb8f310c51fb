package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.DefinitionsSource;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.math.BigInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Ends the restore of a data-only set into a database: counts what the markers say, lets sequences and counters go on where the
 * set has them, and creates suspended triggers again. Repeatable: a marker says that everything is done. {@link RemoveItem}
 * removes the markers afterwards.
 */
final class DataFinishItem {
    /** What is to be done where somebody has dropped the marks, and with them the note of suspended triggers. */
    static final String MARKS_GONE = "Look whether the triggers of its tables are there, if they were suspended. Then discard the run, and restore with"
            + " clean, which replaces the rows that were loaded.";

    private static final String SEQUENCE = "DO ";
    private static final Pattern COUNTER = Pattern.compile("^ALTER TABLE .* AUTO_INCREMENT = (\\d+)$", Pattern.DOTALL);

    private DataFinishItem() {}

    static ItemResult execute(RestoreContext context, WorkItem item) {
        RestoreTarget target = RestoreTarget.of(context, item.payload(RestoreKind.DatabaseTask.class).database());
        try (Session session = Session.open(context.target(), target.name(), "restore");
                Cancellation.Registration stop = session.endWith(context.cancellation())) {
            Sql sql = session.sql();
            Attempts.requireOnly(sql, target.temporaryName(), target.name());
            FinishItem.requireTemporary(context, sql, target, MARKS_GONE);
            if (!Markers.noted(sql, target.temporaryName(), item.id(), Markers.FINISHED)) {
                FinishItem.requireAll(context, sql, target);
                SchemaItem.read(context, target, definition -> value(context, target, sql, definition));
                new SuspendedTriggers(context.target(), sql, target.temporaryName()).resume();
                Markers.note(sql, target.temporaryName(), item.id(), Markers.FINISHED);
            }
            // others may load into it only now: a restart does none of this again
            Markers.unsign(sql, target.temporaryName());
            return FinishItem.finished(target, WaitingItem.Finished.NOTHING);
        }
    }

    /** Forward only, as the server does it with sequences: what it has counted up to may be known elsewhere. */
    private static void count(RestoreContext context, RestoreTarget target, Sql sql, Definition definition, BigInteger next) {
        BigInteger now = TargetTables.counter(sql, Quoting.identifier(definition.name())).map(BigInteger::new).orElse(BigInteger.ONE);
        if (now.compareTo(next) < 0) {
            sql.run(definition.statement());
        } else if (now.compareTo(next) > 0) {
            context.warn("the AUTO_INCREMENT of table \"" + definition.name() + "\" in database \"" + target.name()
                    + "\" stays as it is: " + now + " is beyond that of the set, " + next);
        }
    }

    private static void value(RestoreContext context, RestoreTarget target, Sql sql, Definition definition) {
        try {
            sql.run(DefinitionsSource.settings(definition));
            Matcher counter = COUNTER.matcher(definition.statement());
            if (counter.find()) {
                count(context, target, sql, definition, new BigInteger(counter.group(1)));
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
