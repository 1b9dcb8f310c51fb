package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.util.List;

/**
 * Refuses a data-only restore into tables with triggers that would fire, unless they may and can be suspended; see
 * {@link SuspendedTriggers}.
 */
final class TriggerCheck {
    private static final String GONE = "what others write to these tables meanwhile does not fire them";

    private final RestoreContext context;
    private final RestoreTarget target;
    private final Sql sql;

    TriggerCheck(RestoreContext context, RestoreTarget target, Sql sql) {
        this.context = context;
        this.target = target;
        this.sql = sql;
    }

    /** @param own whether this run has suspended some before; those that are there now are looked for before every part */
    void check(TargetTables tables, boolean own) {
        new PrivilegeCheck(context, sql).requireSight(target);
        List<Trigger> triggers = TargetTriggers.firing(sql, tables);
        if (own || triggers.isEmpty()) {
            return;
        }
        requireAllowed(context, target.name(), triggers);
        requireCollation(triggers);
        new PrivilegeCheck(context, sql)
                .requireTriggers(target, triggers.stream().map(Trigger::definer).toList(), Trigger.some(triggers));
        context.warn("in database \"" + target.name() + "\" these triggers are dropped until all rows are loaded, and created again as"
                + " they were; " + GONE + " (discard the run where it is not to go on: that creates them again, too): "
                + Trigger.some(triggers));
    }

    static void requireAllowed(RestoreContext context, String database, List<Trigger> triggers) {
        if (!context.spec().suspendTriggers()) {
            throw new BackupException(
                    ErrorCode.TABLE_HAS_TRIGGERS,
                    "in database \"" + database + "\" on " + context.target()
                            + " these triggers would fire while rows are loaded: " + Trigger.some(triggers),
                    "Allow to suspend them (suspendTriggers): they are dropped and, when all rows are in, created again as they were; "
                            + GONE + ". Or drop them yourself, restore the rows, and create them again.");
        }
    }

    /** A trigger keeps the collation that its database had, and no statement can give it another one. */
    private void requireCollation(List<Trigger> triggers) {
        String collation = Databases.collation(sql, target.name());
        List<Trigger> others = triggers.stream().filter(trigger -> !trigger.form().database().equals(collation)).toList();
        if (!others.isEmpty()) {
            throw new BackupException(
                    ErrorCode.TABLE_HAS_TRIGGERS,
                    "the collation of database \"" + target.name() + "\" on " + context.target() + " is " + collation
                            + ", and was another one when triggers were made that could not be created again as they are: "
                            + Trigger.some(others),
                    "Drop and create these triggers yourself (with the collation that the database has now), or drop them, restore the"
                            + " rows, and create them again.");
        }
    }
}
