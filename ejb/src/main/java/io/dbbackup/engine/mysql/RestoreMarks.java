package io.dbbackup.engine.mysql;

import io.dbbackup.model.BackupException;
import io.dbbackup.spi.LogicalRestore;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Predicate;

/** What unfinished restores have left on a server, as far as it concerns others than themselves. Stateless. */
public final class RestoreMarks {
    /** Of the names of the databases that belong to unfinished restores. */
    public static final String PREFIX = LogicalRestore.TEMPORARY;
    /** What the names of their own tables begin with. */
    public static final String TABLES = "dbbackup_restore_";
    /** The table in such a database with the triggers that were dropped until all rows are in. */
    public static final String TRIGGERS = "dbbackup_restore_trigger";

    /** The table in such a database with the name of the one that is being filled or finished. */
    public static final String INTO = "dbbackup_restore_into";

    private static final int SHOWN = 50;

    private RestoreMarks() {}

    /**
     * Triggers that an unfinished restore of rows alone has dropped, and will create again.
     *
     * @param run whose they are
     * @param triggers in the order of creation
     */
    public record Suspended(String run, List<Trigger> triggers) {
        public Suspended {
            triggers = List.copyOf(triggers);
        }

        /** Those of chosen tables. */
        public Suspended of(Predicate<String> tables) {
            return new Suspended(run, triggers.stream().filter(trigger -> tables.test(trigger.table)).toList());
        }

        /** Their names, of many the first. */
        public String names() {
            return String.join(", ", triggers.stream().limit(SHOWN).map(trigger -> trigger.name + " on " + trigger.table).toList())
                    + (triggers.size() > SHOWN ? " and " + (triggers.size() - SHOWN) + " more" : "");
        }
    }

    /** A trigger and its table. */
    public record Trigger(String table, String name) {}

    /** Databases of unfinished restores, without a look into any. */
    public static List<String> databases(Sql sql) {
        // not SHOW DATABASES, which a server may keep from accounts (skip_show_database)
        return sql.list(
                "SELECT schema_name FROM information_schema.schemata WHERE left(schema_name, ?) = ? ORDER BY 1",
                row -> row.getString(1), PREFIX.length(), PREFIX);
    }

    /**
     * The suspended triggers of a database, by run.
     *
     * @param sql not within a transaction: it would keep the restore from removing its note, or not see it
     */
    public static List<Suspended> suspended(Sql sql, String database) {
        List<Suspended> found = new ArrayList<>();
        for (String marks : databases(sql)) {
            if (exists(sql, marks, TRIGGERS)) {
                found.addAll(read(sql, marks, database));
            }
        }
        return found;
    }

    /** Databases with the marks of unfinished restores that load rows into a database, or have begun to give its name to another one. */
    public static List<String> of(Sql sql, String name) {
        boolean caseless = caseless(sql);
        return databases(sql).stream().filter(marks -> same(into(sql, marks), name, caseless)).toList();
    }

    /** Which database a restore loads rows into or gives its name to, by the marks of that; empty when they say nothing, or not any more. */
    public static String into(Sql sql, String marks) {
        if (!exists(sql, marks, INTO)) {
            return "";
        }
        try {
            return sql.text("SELECT name FROM " + Quoting.qualified(marks, INTO));
        } catch (BackupException e) {
            if (e.code().retryable() || exists(sql, marks, INTO)) {
                throw e;
            }
            // that run has ended meanwhile
            return "";
        }
    }

    public static boolean exists(Sql sql, String database, String table) {
        return sql.truth(
                "SELECT count(*) FROM information_schema.tables WHERE table_schema = ? AND table_name = ?", database, table);
    }

    /** Whether names of databases that differ in case alone mean the same one there. */
    public static boolean caseless(Sql sql) {
        return sql.truth("SELECT @@lower_case_table_names <> 0");
    }

    /** Whether two names mean the same database. */
    public static boolean same(String one, String other, boolean caseless) {
        return one.equals(other) || caseless && one.equalsIgnoreCase(other);
    }

    private static List<Suspended> read(Sql sql, String marks, String database) {
        boolean caseless = caseless(sql);
        List<String> runs = new ArrayList<>();
        List<Trigger> triggers = new ArrayList<>();
        try {
            sql.list(
                    "SELECT run, in_database, on_table, name FROM " + Quoting.qualified(marks, TRIGGERS) + " ORDER BY n",
                    row -> {
                        return same(row.getString(2), database, caseless)
                                ? runs.add(row.getString(1)) && triggers.add(new Trigger(row.getString(3), row.getString(4)))
                                : false;
                    });
        } catch (BackupException e) {
            if (e.code().retryable() || exists(sql, marks, TRIGGERS)) {
                throw e;
            }
            // they are back
            return List.of();
        }
        return triggers.isEmpty() ? List.of() : List.of(new Suspended(runs.get(0), triggers));
    }
}
