package io.dbbackup.engine.mysql.backup;

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

    /** @param sql session in that database */
    ObjectCatalog(Sql sql, String database, TableChoice choice, Consumer<String> warnings) {
        this.sql = sql;
        this.database = database;
        this.choice = choice;
        this.warnings = warnings;
    }

    void read(Consumer<Definition> all) {
        Consumer<Definition> definitions = definition -> {
            warnOfNames(definition);
            all.accept(definition);
        };
        sql.list(
                        "SELECT routine_type, routine_name FROM information_schema.routines WHERE " + here("routine_schema")
                                + " ORDER BY routine_type = 'PACKAGE BODY', routine_name",
                        row -> new String[] {row.getString(1), row.getString(2)}, database)
                .forEach(routine -> show(Kind.ROUTINE, routine[0], routine[1], "Create " + title(routine[0]), definitions));
        List<Definition> views = new ArrayList<>();
        names("SELECT table_name FROM information_schema.views WHERE " + here("table_schema") + " ORDER BY table_name").stream()
                .filter(choice::takes)
                .forEach(view -> show(Kind.VIEW, "VIEW", view, "Create View", views::add));
        ViewOrder.of(views).forEach(all);
        sql.list(
                        "SELECT event_object_table, trigger_name FROM information_schema.triggers WHERE " + here("trigger_schema")
                                + " ORDER BY event_object_table, event_manipulation, action_timing, action_order",
                        row -> new String[] {row.getString(1), row.getString(2)}, database).stream()
                .filter(trigger -> choice.takes(trigger[0]))
                .map(trigger -> trigger[1])
                .forEach(trigger -> show(Kind.TRIGGER, "TRIGGER", trigger, "SQL Original Statement", definitions));
        names("SELECT event_name FROM information_schema.events WHERE " + here("event_schema") + " ORDER BY event_name")
                .forEach(event -> show(Kind.EVENT, "EVENT", event, "Create Event", definitions));
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

    private List<String> names(String query) {
        return sql.list(query, row -> row.getString(1), database);
    }

    private void show(Kind kind, String type, String name, String column, Consumer<Definition> definitions) {
        Optional<Definition> found;
        try {
            found = sql.first("SHOW CREATE " + type + " " + Quoting.identifier(name), row -> {
                String statement = row.getString(column);
                return statement == null
                        ? null
                        : new Definition(
                                kind, name,
                                kind == Kind.VIEW ? Definition.SESSION_MODE : row.getString("sql_mode"),
                                row.getString("collation_connection"),
                                kind == Kind.EVENT ? row.getString("time_zone") : "",
                                here(kind, statement));
            });
        } catch (BackupException e) {
            if (e.code().retryable() || e.code() == ErrorCode.DATABASE_PRIVILEGE_MISSING) {
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
    private String here(Kind kind, String statement) {
        return switch (kind) {
            case VIEW -> ViewText.here(statement, database);
            case TRIGGER -> TriggerText.here(statement);
            default -> statement;
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
