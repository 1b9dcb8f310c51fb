package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.RestoreMarks;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * Drops triggers for the time in which rows are loaded, since neither vendor lets a session keep them from firing, and creates them
 * again as they were. They are noted first ({@link TriggerRecord}), and tried out: what cannot be created again exactly is not
 * dropped. Dropped backwards and created forwards, those that exist are always the first ones, whenever a process or server dies, so that both
 * can be done again and their order comes out right. To be called under the lock of {@link Attempts}.
 */
final class SuspendedTriggers {
    /** "Trigger already exists". */
    private static final int EXISTS = 1359;

    private final Endpoint target;
    private final Sql sql;
    private final String temporary;

    SuspendedTriggers(Endpoint target, Sql sql, String temporary) {
        this.target = target;
        this.sql = sql;
        this.temporary = temporary;
    }

    /** Notes those of the tables, if any; nothing else is changed. The temporary database has the collation of the other one. */
    void note(RestoreContext context, TargetTables tables) {
        List<Trigger> triggers = TargetTriggers.firing(sql, tables);
        if (triggers.isEmpty()) {
            return;
        }
        TriggerCheck.requireAllowed(context, tables.database(), triggers);
        rehearse(tables.database(), triggers);
        new TriggerRecord(context.run(), tables.database(), triggers).publish(sql, temporary);
    }

    /** @throws BackupException DATABASE_EXISTS when they are noted for another run */
    void requireOf(UUID run) {
        if (!TriggerRecord.exists(sql, temporary)) {
            return;
        }
        TriggerRecord noted = TriggerRecord.read(sql, temporary);
        // somebody may have deleted all of it, as our messages say
        if (!noted.triggers().isEmpty() && !noted.run().equals(run)) {
            throw new BackupException(
                    ErrorCode.DATABASE_EXISTS,
                    "run " + noted.run() + " has its marks in database " + temporary + " on " + target + ", too",
                    "Restart that run, or discard it, before this one.");
        }
    }

    /** @throws BackupException TABLE_HAS_TRIGGERS when there is one that would fire while rows are loaded */
    static void requireNone(RestoreContext context, Sql sql, RestoreTarget target, TargetTables tables) {
        requireNone(context, target, TargetTriggers.firing(sql, tables).stream().map(Trigger::toString).toList());
    }

    /** The same for one table. */
    static void requireNone(RestoreContext context, Sql sql, RestoreTarget target, String table, boolean versioned) {
        requireNone(context, target, TargetTriggers.firing(sql, target.name(), table, versioned).stream()
                .map(name -> name + " on " + table).toList());
    }

    private static void requireNone(RestoreContext context, RestoreTarget target, List<String> made) {
        if (!made.isEmpty()) {
            throw new BackupException(
                    ErrorCode.TABLE_HAS_TRIGGERS,
                    "since this restore began somebody has created triggers in database \"" + target.name() + "\" on "
                            + context.target() + ", which would fire while rows are loaded: " + String.join(", ", made),
                    "Drop them, restart the run, and create them again when it has ended; or discard the run, which is also the end of a"
                            + " discard that was interrupted.");
        }
    }

    /** Drops what is noted. */
    void drop() {
        if (!TriggerRecord.exists(sql, temporary)) {
            return;
        }
        TriggerRecord noted = TriggerRecord.read(sql, temporary);
        List<Trigger> backwards = new ArrayList<>(noted.triggers());
        Collections.reverse(backwards);
        for (Trigger trigger : backwards) {
            Optional<Trigger.Form> there = TargetTriggers.form(sql, noted.database(), trigger.name());
            if (there.isPresent()) {
                if (!there.get().equals(trigger.form())) {
                    throw another(noted, List.of(trigger));
                }
                TargetTriggers.drop(sql, noted.database(), trigger);
            }
        }
    }

    /** On a table of the same columns, where nobody is. */
    private void rehearse(String database, List<Trigger> triggers) {
        Map<String, List<Trigger>> tables = new LinkedHashMap<>();
        triggers.forEach(trigger -> tables.computeIfAbsent(trigger.table(), table -> new ArrayList<>()).add(trigger));
        try (TargetTriggers.Creator creator = new TargetTriggers.Creator(target, temporary)) {
            tables.forEach((table, own) -> {
                String twin = Quoting.qualified(temporary, table);
                if (!table.startsWith(RestoreMarks.TABLES)) {
                    // of somebody who died here
                    sql.run("DROP TABLE IF EXISTS " + twin);
                }
                sql.run("CREATE TABLE " + twin + " LIKE " + Quoting.qualified(database, table));
                own.forEach(trigger -> rehearse(creator, database, trigger));
                sql.run("DROP TABLE " + twin);
            });
        }
    }

    private void rehearse(TargetTriggers.Creator creator, String database, Trigger trigger) {
        Trigger.Form form = trigger.form();
        String problem;
        try {
            creator.create(trigger, form.here());
            Optional<Trigger.Form> made = TargetTriggers.form(sql, temporary, trigger.name());
            // the text may have named the database
            Trigger.Form expected =
                    new Trigger.Form(form.sqlMode(), form.client(), form.connection(), form.database(), form.here());
            if (made.equals(Optional.of(expected))) {
                return;
            }
            problem = "it would be " + made + " instead of " + expected;
        } catch (BackupException e) {
            if (e.code().retryable()) {
                throw e;
            }
            problem = Quoted.reason(e);
        }
        throw new BackupException(
                ErrorCode.TABLE_HAS_TRIGGERS,
                "trigger " + trigger + " of database \"" + database + "\" on " + target
                        + " could not be created again just as it is: " + problem,
                "No trigger was dropped. Drop and create this one yourself, or remove the cause.");
    }

    /**
     * Creates again what is noted and is not there, compares all of it, and removes the note. A trigger that somebody has made
     * meanwhile stays.
     *
     * @return what was noted
     * @throws BackupException TRIGGER_EXISTS; UNKNOWN_DATABASE when their database is gone; or what the server says; the note is then still there
     */
    List<Trigger> resume() {
        if (!TriggerRecord.exists(sql, temporary)) {
            return List.of();
        }
        TriggerRecord noted = TriggerRecord.read(sql, temporary);
        if (!noted.triggers().isEmpty() && !Databases.exists(sql, noted.database())) {
            throw new BackupException(
                    ErrorCode.UNKNOWN_DATABASE,
                    "triggers that this restore had suspended cannot be created again, since database \"" + noted.database() + "\" is not on "
                            + target + " any more: " + Trigger.some(noted.triggers()),
                    "Make it and its tables again, and then discard the run. Where nobody wants these triggers any more, execute DROP TABLE "
                            + Quoting.qualified(temporary, TriggerRecord.TABLE) + " before.");
        }
        List<Trigger> others = noted.triggers().stream()
                .filter(trigger -> TargetTriggers.form(sql, noted.database(), trigger.name())
                        .filter(form -> !form.equals(trigger.form())).isPresent())
                .toList();
        List<Trigger> ours = noted.triggers().stream().filter(trigger -> !others.contains(trigger)).toList();
        dropBehindGaps(noted.database(), ours);
        create(noted, ours);
        if (!others.isEmpty()) {
            throw another(noted, others);
        }
        if (!present(noted.database(), ours).equals(ours)) {
            throw new BackupException(
                    ErrorCode.DATABASE_STATEMENT_FAILED,
                    "triggers of database \"" + noted.database() + "\" on " + target + " are not yet what they were: "
                            + Trigger.some(ours),
                    "Somebody else works on them: restart the run, or discard it again, when that is over. What they were is in table "
                            + Quoting.qualified(temporary, TriggerRecord.TABLE) + ".");
        }
        TriggerRecord.remove(sql, temporary);
        return noted.triggers();
    }

    private void create(TriggerRecord noted, List<Trigger> ours) {
        if (ours.stream().allMatch(trigger -> TargetTriggers.form(sql, noted.database(), trigger.name()).isPresent())) {
            return;
        }
        try (TargetTriggers.Creator creator = new TargetTriggers.Creator(target, noted.database())) {
            for (Trigger trigger : ours) {
                if (TargetTriggers.form(sql, noted.database(), trigger.name()).isEmpty()) {
                    create(creator, noted, trigger);
                }
            }
        }
    }

    private void create(TargetTriggers.Creator creator, TriggerRecord noted, Trigger trigger) {
        try {
            creator.create(trigger, trigger.form().text());
        } catch (BackupException e) {
            if (e.code().retryable()) {
                throw e;
            }
            if (e.getCause() instanceof SQLException origin && origin.getErrorCode() == EXISTS) {
                throw another(noted, List.of(trigger));
            }
            throw new BackupException(
                    e.code(),
                    "trigger " + trigger + " of database \"" + noted.database() + "\" on " + target
                            + ", which this restore had suspended, cannot be created again: " + Quoted.reason(e),
                    "Remove the cause, then restart the run or discard it. Where nobody wants this trigger any more, execute "
                            + TriggerRecord.forget(temporary, trigger) + " before.",
                    e);
        }
    }

    /** A new trigger comes behind the others of its group, so that those of ours that are to follow it have to go once more. */
    private void dropBehindGaps(String database, List<Trigger> ours) {
        List<Trigger> there = present(database, ours);
        for (List<String> group : ours.stream().map(Trigger::group).distinct().toList()) {
            List<Trigger> wanted = ours.stream().filter(trigger -> trigger.group().equals(group)).toList();
            List<Trigger> found = there.stream().filter(trigger -> trigger.group().equals(group)).toList();
            int right = 0;
            while (right < found.size() && found.get(right).equals(wanted.get(right))) {
                right++;
            }
            for (int i = found.size() - 1; i >= right; i--) {
                TargetTriggers.drop(sql, database, found.get(i));
            }
        }
    }

    /** Those of ours that exist, in the server's order. */
    private List<Trigger> present(String database, List<Trigger> ours) {
        Set<String> names = ours.stream().map(Trigger::name).collect(Collectors.toSet());
        return TargetTriggers.read(sql, database, listed -> names.contains(listed.name())).stream().filter(ours::contains).toList();
    }

    private BackupException another(TriggerRecord noted, List<Trigger> others) {
        return new BackupException(
                ErrorCode.TRIGGER_EXISTS,
                "somebody has created or changed triggers of database \"" + noted.database() + "\" on " + target
                        + " while this restore had those of the same names suspended: " + Trigger.some(others),
                "They stay as they are. What they were before is in table " + Quoting.qualified(temporary, TriggerRecord.TABLE)
                        + ". To have that again, drop the new ones; to keep the new ones, execute "
                        + TriggerRecord.forget(temporary, others.get(0)) + (others.size() > 1 ? ", and so on" : "")
                        + "; then restart the run or discard it.");
    }
}
