package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Predicate;

/**
 * Reads and creates triggers exactly, whatever character set they were written in: their bytes are never decoded. Whoever lacks
 * the privilege TRIGGER sees none. Stateless.
 */
final class TargetTriggers {
    /** "Trigger does not exist" (MySQL manual, "Server Error Message Reference"). */
    private static final int NONE = 1360;
    /** A binary comparison would miss what is there where case does not count; the other one finds too many where it does. */
    private static final String HERE =
            " FROM information_schema.triggers WHERE event_object_schema = ? AND (@@lower_case_table_names <> 0"
                    + " OR CAST(event_object_schema AS BINARY) = CAST(? AS BINARY))";

    private TargetTriggers() {}

    /** What would fire when rows are loaded; or deleted, where a table cannot be truncated. */
    static List<Trigger> firing(Sql sql, TargetTables tables) {
        return read(sql, tables.database(), listed -> tables.find(listed.table)
                .filter(found -> listed.event.contains("INSERT") || listed.event.contains("DELETE") && found.versioned())
                .isPresent());
    }

    /** The names of those of one table. */
    static List<String> firing(Sql sql, String database, String table, boolean versioned) {
        return sql.list(
                "SELECT trigger_name, event_object_table" + HERE + " AND event_object_table = ? AND (event_manipulation LIKE '%INSERT%'"
                        + (versioned ? " OR event_manipulation LIKE '%DELETE%')" : ")"),
                row -> row.getString(2).equals(table) ? row.getString(1) : "", database, database, table).stream()
                .filter(name -> !name.isEmpty())
                .toList();
    }

    /** What is known of a trigger without a look at its text, which may be broken. */
    record Listed(String table, String name, String event, String timing, String definer) {}

    /** Those of a database, those of a {@link Trigger#group} in their order. */
    static List<Trigger> read(Sql sql, String database, Predicate<Listed> wanted) {
        List<Trigger> found = new ArrayList<>();
        sql.list(
                        "SELECT event_object_table, trigger_name, event_manipulation, action_timing, definer" + HERE
                                + " ORDER BY event_object_table, event_manipulation, action_timing, action_order",
                        row -> new Listed(row.getString(1), row.getString(2), row.getString(3), row.getString(4), row.getString(5)),
                        database, database).stream()
                .filter(wanted)
                .forEach(each -> form(sql, database, each.name).ifPresent(form -> found.add(
                        new Trigger(each.table, each.name, each.event, each.timing, each.definer, form))));
        return found;
    }

    /** What the trigger of a name is, if there is one; the server says which names are equal. */
    static Optional<Trigger.Form> form(Sql sql, String database, String name) {
        try {
            // texts come in the character set that they were written in
            sql.run("SET SESSION character_set_results = NULL");
            return sql.first("SHOW CREATE TRIGGER " + Quoting.qualified(database, name), row -> {
                if (row.getBytes(3) == null) {
                    throw new BackupException(
                            ErrorCode.DATABASE_PRIVILEGE_MISSING,
                            "the account \"" + sql.endpoint().user() + "\" may not see the text of trigger " + database + "." + name,
                            "Grant it TRIGGER on that database.");
                }
                return new Trigger.Form(
                        row.getString(2), row.getString(4), row.getString(5), row.getString(6),
                        new String(row.getBytes(3), StandardCharsets.ISO_8859_1));
            });
        } catch (BackupException e) {
            if (e.getCause() instanceof SQLException origin && origin.getErrorCode() == NONE) {
                return Optional.empty();
            }
            throw e;
        }
    }

    static void drop(Sql sql, String database, Trigger trigger) {
        sql.run("DROP TRIGGER IF EXISTS " + Quoting.qualified(database, trigger.name()));
    }

    /** Creates triggers in a database, each behind those that its table has. Not thread-safe. */
    static final class Creator implements AutoCloseable {
        private final Session session;

        Creator(Endpoint target, String database) {
            session = Session.ofBytes(target, database, "restore triggers");
        }

        /** @param text in the place of its own */
        void create(Trigger trigger, String text) {
            Trigger.Form form = trigger.form();
            session.sql().run("SET SESSION sql_mode = " + Quoting.literal(form.sqlMode()) + ", collation_connection = "
                    + Quoting.literal(form.connection()) + ", character_set_client = " + Quoting.literal(form.client()));
            session.sql().run(text, "creating trigger " + trigger);
        }

        @Override
        public void close() {
            session.close();
        }
    }
}
