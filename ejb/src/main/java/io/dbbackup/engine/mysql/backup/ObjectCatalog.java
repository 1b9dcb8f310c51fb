package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.ClientText;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.Definition.Kind;
import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.TriggerText;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.regex.Pattern;

/** Routines, views, triggers and events of a database, as far as they are chosen. What cannot be read is a warning; the rest goes on. */
final class ObjectCatalog {
    private static final Pattern WORDS = Pattern.compile("[^\\p{L}\\p{N}_$]+");

    private final Sql sql;
    private final String database;
    private final TableChoice choice;
    private final Consumer<String> warnings;
    private final String collation;

    /** @param sql session in that database */
    ObjectCatalog(Sql sql, String database, TableChoice choice, Consumer<String> warnings) {
        this.sql = sql;
        this.database = database;
        this.choice = choice;
        this.warnings = warnings;
        collation = sql.text(
                "SELECT default_collation_name FROM information_schema.schemata WHERE " + here("schema_name"), database);
    }

    void read(Consumer<Definition> all) {
        Consumer<Definition> definitions = definition -> {
            warnOfNames(definition);
            all.accept(definition);
        };
        list("routine_type, routine_name, definer, coalesce(routine_comment, ''), ''", "routines", "routine_schema",
                        "routine_type = 'PACKAGE BODY', routine_name")
                .forEach(routine -> show(Kind.ROUTINE, "Create " + title(routine.type), routine, definitions));
        List<Definition> views = new ArrayList<>();
        list("'VIEW', table_name, coalesce(definer, ''), '', coalesce(view_definition, '')", "views", "table_schema", "table_name").stream()
                .filter(view -> choice.takes(view.name))
                .forEach(view -> show(Kind.VIEW, "Create View", view, views::add));
        ViewOrder.of(views).forEach(all);
        list("'TRIGGER', trigger_name, definer, '', event_object_table", "triggers", "trigger_schema",
                        "event_object_table, event_manipulation, action_timing, action_order").stream()
                .filter(trigger -> choice.takes(trigger.more))
                .forEach(trigger -> show(Kind.TRIGGER, "SQL Original Statement", trigger, definitions));
        list("'EVENT', event_name, definer, coalesce(event_comment, ''), ''", "events", "event_schema", "event_name")
                .forEach(event -> show(Kind.EVENT, "Create Event", event, definitions));
    }

    /**
     * An object as it is listed.
     *
     * @param type as SHOW CREATE wants it
     * @param more the table of a trigger; what a view is defined as
     */
    private record Listed(String type, String name, String definer, String comment, String more) {}

    private List<Listed> list(String columns, String view, String schema, String order) {
        return sql.listAll(
                "SELECT " + columns + " FROM information_schema." + view + " WHERE " + here(schema) + " ORDER BY " + order,
                row -> new Listed(row.getString(1), row.getString(2), row.getString(3), row.getString(4), row.getString(5)), database);
    }

    /** The views of information_schema compare names without case, which other databases may have in another one. */
    private static String here(String schema) {
        return schema + " = ? AND CAST(" + schema + " AS BINARY) = DATABASE()";
    }

    /** What a body does is known when it is executed only, so that nothing but its words can be looked at. */
    private void warnOfNames(Definition definition) {
        String words = " " + WORDS.matcher(definition.statement()).replaceAll(" ") + " ";
        List<String> named = new ArrayList<>();
        choice.out().forEach(name -> {
            if (words.contains(" " + WORDS.matcher(name).replaceAll(" ").strip() + " ")) {
                named.add(name);
            }
        });
        if (!named.isEmpty()) {
            warnings.accept("database \"" + database + "\": " + definition.kind().name().toLowerCase(Locale.ROOT) + " \""
                    + definition.name() + "\" is in the backup and seems to use what is left out: " + String.join(", ", named));
        }
    }

    private void show(Kind kind, String column, Listed listed, Consumer<Definition> definitions) {
        String type = listed.type;
        String name = listed.name;
        Optional<Definition> found;
        try {
            found = sql.first("SHOW CREATE " + type + " " + Quoting.identifier(name), row -> {
                // whatever the metadata say, it comes in the character set of its author's client
                byte[] shown = row.getBytes(column);
                if (shown == null) {
                    return null;
                }
                String at = kind == Kind.VIEW ? collation : row.getString("Database Collation");
                return new Definition(
                        kind, name,
                        kind == Kind.VIEW ? Definition.SESSION_MODE : row.getString("sql_mode"),
                        row.getString("collation_connection"),
                        collation.equals(at) ? "" : at,
                        kind == Kind.EVENT ? row.getString("time_zone") : "",
                        text(kind, shown, row.getString("character_set_client"), listed));
            });
        } catch (BackupException e) {
            // what was ended, or found no memory or no file, says nothing of the object
            if (e.code().retryable() || e.code() == ErrorCode.DATABASE_PRIVILEGE_MISSING || MysqlErrors.ofTheMoment(e)) {
                throw e;
            }
            String said = e.getCause() instanceof SQLException origin ? MysqlErrors.message(origin) : e.problem().cause();
            warnings.accept("database \"" + database + "\": " + type.toLowerCase(Locale.ROOT) + " \"" + name
                    + "\" is broken and not in the backup: " + said);
            return;
        }
        definitions.accept(found.orElseThrow(() -> new BackupException(
                ErrorCode.DATABASE_PRIVILEGE_MISSING,
                "the account \"" + sql.endpoint().user() + "\" may not see the text of " + type + " " + database + "." + name,
                "Grant it SELECT on *.* (with it SHOW_ROUTINE in MySQL, SHOW CREATE ROUTINE in MariaDB 11).")));
    }

    /** The statement without the name of the database, as far as that can be told from others. */
    private ClientText text(Kind kind, byte[] shown, String client, Listed listed) {
        String definer = listed.definer.contains("@") ? listed.definer.substring(0, listed.definer.lastIndexOf('@')) : listed.definer;
        List<String> names = new ArrayList<>(List.of(definer, listed.name));
        if (kind == Kind.TRIGGER) {
            names.add(listed.more);
        }
        ClientText text = ObjectText.of(shown, client, names, listed.comment, lost -> warnings.accept("database \"" + database
                + "\": " + listed.type.toLowerCase(Locale.ROOT) + " \"" + listed.name + "\" is in the character set " + client
                + " of its author, which cannot say \"" + lost + "\" (a definer, name or comment): that will not come back as it is"));
        return switch (kind) {
            case VIEW -> text.with(ViewText.here(
                    ViewText.singleBackslashes(text.text(), text.charset(), listed.more), database));
            case TRIGGER -> text.with(TriggerText.here(text.text()));
            default -> text;
        };
    }

    /** {@code PACKAGE BODY} as in the name of a column. */
    private static String title(String type) {
        StringBuilder title = new StringBuilder();
        for (String word : type.split(" ")) {
            title.append(title.isEmpty() ? "" : " ")
                    .append(word.charAt(0))
                    .append(word.substring(1).toLowerCase(Locale.ROOT));
        }
        return title.toString();
    }
}
