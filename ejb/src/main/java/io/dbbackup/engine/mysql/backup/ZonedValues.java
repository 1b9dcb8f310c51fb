package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.MysqlOptions;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.ZonedColumns;
import io.dbbackup.model.BackupException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Finds generated columns that a session in another time zone would compute differently, and that zone: the values that the rows have
 * tell whether it is UTC or the server's zone (or what an option says). Reads such tables once or twice. Not thread-safe.
 */
final class ZonedValues {
    private static final Pattern CLOCK = Pattern.compile("(?i)\\b(from_unixtime|unix_timestamp)\\b");

    private final Sql sql;
    private final String database;
    private final boolean rowsAreRead;
    private final Consumer<String> warnings;
    private Optional<Zone> zone = Optional.empty();

    /**
     * @param sql session in that database, in UTC
     * @param rowsAreRead false where nobody is to read whole tables
     */
    ZonedValues(Sql sql, String database, boolean rowsAreRead, Consumer<String> warnings) {
        this.sql = sql;
        this.database = database;
        this.rowsAreRead = rowsAreRead;
        this.warnings = warnings;
    }

    /** @param system what SYSTEM means */
    private record Zone(String name, String system) {
        /** UTC has one name: SYSTEM may be something else on a target, and that may know no names. */
        static Zone of(String name, String system) {
            boolean utc = name.matches("(?i:(Etc/)?UTC)") || name.equals("SYSTEM") && system.equals("UTC");
            return new Zone(utc ? ZonedColumns.UTC : name, system);
        }

        boolean utc() {
            return name.equals(ZonedColumns.UTC);
        }
    }

    /**
     * A table as it is asked about.
     *
     * @param comparable whether the rows of the set are those that are read here
     * @param columns all columns by their names, also generated ones
     */
    record Table(
            String name, boolean versioned, boolean comparable, TableText text, Map<String, TableDefinition.Column> columns,
            List<TableDefinition.Column> primaryKey) {
        /** Without keys, in which VIRTUAL columns have values of other time zones. */
        String rows() {
            return Quoting.identifier(name) + (versioned ? " FOR SYSTEM_TIME ALL" : "") + " USE INDEX ()";
        }

        /** Names with backticks. */
        private Set<String> instants() {
            return columns.values().stream().filter(column -> column.type().equals("timestamp"))
                    .map(column -> Quoting.identifier(column.name())).collect(Collectors.toCollection(HashSet::new));
        }

        /** By their names with backticks. */
        Map<String, Generated> generated() {
            Map<String, Generated> found = new HashMap<>();
            for (String element : text.elements()) {
                TableText.generation(element).ifPresent(generation -> {
                    String name = TableText.columnName(element);
                    columns.values().stream().filter(column -> Quoting.identifier(column.name()).equals(name)).findFirst()
                            .ifPresent(column -> found.put(name, new Generated(column, generation.expression(), generation.stored())));
                });
            }
            return found;
        }

        /** Columns that read instants or make them, also by others: rather one too many. */
        private List<Generated> zoned() {
            Map<String, Generated> left = generated();
            Set<String> instants = instants();
            List<Generated> found = new ArrayList<>();
            for (boolean more = true; more;) {
                List<Generated> next = left.values().stream()
                        .filter(each -> instants.contains(each.name()) || CLOCK.matcher(each.expression()).find()
                                || instants.stream().anyMatch(each.expression()::contains))
                        .toList();
                more = !next.isEmpty();
                found.addAll(next);
                next.forEach(each -> {
                    instants.add(each.name());
                    left.remove(each.name());
                });
            }
            return found;
        }
    }

    /** Keys whose values such columns or expressions are. */
    static boolean concerns(Table table, List<String> columns, String key) {
        return columns.stream().anyMatch(column -> key.contains(Quoting.identifier(column)))
                || TableText.hasExpression(key)
                && (CLOCK.matcher(key).find() || table.instants().stream().anyMatch(key::contains));
    }

    /** What has to be computed in another zone than UTC, or cannot be computed at all; a warning says how many rows differ then. */
    Optional<ZonedColumns> of(Table table) {
        List<Generated> all = table.zoned();
        List<Generated> stored = all.stream().filter(Generated::stored).toList();
        List<String> shown = Generated.names(all.stream().filter(each -> !each.stored()).toList());
        // an option of the target can say later in which zone these are
        boolean keyed = table.text.elements().stream().filter(TableText::isKey).anyMatch(key -> concerns(table, shown, key));
        if (stored.isEmpty() && !keyed) {
            return Optional.empty();
        }
        if (stored.isEmpty() || !rowsAreRead) {
            return zone().utc() && !keyed ? Optional.empty() : Optional.of(noted(all, !stored.isEmpty(), "", "", zone()));
        }
        return ofRows(table, all, stored, keyed);
    }

    private Optional<ZonedColumns> ofRows(Table table, List<Generated> all, List<Generated> stored, boolean keyed) {
        try {
            long utc = differing(table, stored, ZonedColumns.UTC);
            if (utc == 0 && !keyed) {
                return Optional.empty();
            }
            Zone ours = new Zone(ZonedColumns.UTC, zone().system);
            long there = zone().utc() ? utc : differing(table, stored, zone().name);
            if (utc == 0) {
                // what is in keys nobody can read; where the rows say nothing against either, it is the server's
                return Optional.of(noted(all, false, "", "", there == 0 ? zone() : ours));
            }
            Zone best = there < utc ? zone() : ours;
            if (Math.min(utc, there) > 0) {
                warn(table, stored, (there < utc ? there : utc) + (Math.min(utc, there) == 1 ? " row has" : " rows have")
                        + " other values than the time zone " + best.name + " yields", best);
            }
            String query = table.comparable ? Generated.digest(table, stored) : "";
            return Optional.of(noted(all, true, query, query.isEmpty() ? "" : sql.text(query), best));
        } catch (BackupException e) {
            if (e.code().retryable() || !(e.getCause() instanceof SQLException origin) || MysqlErrors.definitionChanged(origin)) {
                throw e;
            }
            warn(table, stored, "it could not be found out which time zone yields the values: " + e.problem().cause(), zone());
            return Optional.of(noted(all, true, "", "", zone()));
        }
    }

    private void warn(Table table, List<Generated> stored, String what, Zone zone) {
        warnings.accept("database \"" + database + "\": the values of generated columns of table \"" + table.name
                + "\" depend on the time zone of the session that wrote the row (" + String.join(", ", Generated.names(stored)) + "), and " + what
                + ". A restore will compute them in " + zone.name + ". If the applications use one other time zone, name it in the"
                + " option generatedTimeZone of this source and take another backup");
    }

    private static ZonedColumns noted(List<Generated> all, boolean stored, String query, String values, Zone zone) {
        return new ZonedColumns(Generated.names(all), stored, zone.name, zone.system, query, values);
    }

    private Zone zone() {
        if (zone.isEmpty()) {
            zone = sql.first(
                    "SELECT @@global.time_zone, @@global.system_time_zone", row -> Zone.of(row.getString(1), row.getString(2)))
                    .map(server -> MysqlOptions.generatedZone(sql.endpoint()).map(name -> Zone.of(name, server.system)).orElse(server));
        }
        return zone.orElseThrow();
    }

    /** Rows that have other values than a session of that zone would give them. */
    private long differing(Table table, List<Generated> stored, String name) {
        sql.run(ZonedColumns.enter(name));
        try {
            return sql.number("SELECT coalesce(sum(NOT (" + Generated.allSame(stored)
                    + ")), 0) FROM " + table.rows());
        } finally {
            sql.run(ZonedColumns.enter(ZonedColumns.UTC));
        }
    }
}
