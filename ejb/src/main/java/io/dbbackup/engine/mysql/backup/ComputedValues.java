package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.ComputedColumns;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.engine.mysql.ZonedColumns;
import io.dbbackup.model.BackupException;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Supplier;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds STORED generated columns that a session with other settings would compute differently, notes the settings of the server by which a
 * restore computes them, and takes a digest of their values. Reads such tables once, those that make dates of texts twice or more. Not thread-safe.
 */
final class ComputedValues {
    private static final String MODE = "sql_mode";
    private static final String COUNTER = "NO_AUTO_VALUE_ON_ZERO";
    /** What sessions of ours allow. */
    private static final String OURS = "ALLOW_INVALID_DATES";

    /** What in an expression, without constants and names, reads a system variable. */
    private static final Map<String, Pattern> READ = Map.of(
            "div_precision_increment", Pattern.compile("/"),
            "lc_time_names", Pattern.compile("(?i)\\b(date_format|dayname|monthname)\\("),
            "block_encryption_mode", Pattern.compile("(?i)\\baes_(en|de)crypt\\("),
            "default_regex_flags", Pattern.compile("(?i)\\b(regexp|rlike|regexp_\\w+)\\b"));
    private static final Pattern MINUS = Pattern.compile(" - ");
    private static final Pattern DATE = Pattern.compile("(?i)\\bas (date|datetime(\\(\\d\\))?)\\)|\\b(date|timestamp|year|month|quarter|yearweek|day\\w*"
            + "|week\\w*|last_day|to_days|to_seconds|timestampdiff|extract|str_to_date|unix_timestamp)\\(|\\binterval\\b");
    private static final Pattern TIME = Pattern.compile("(?i)\\bas (date)?time\\b");
    private static final Pattern QUOTED = Pattern.compile("'(?:[^'\\\\]|''|\\\\.)*+'|`(?:[^`]|``)*+`");
    private static final Set<String> INSTANTS = Set.of("date", "datetime", "timestamp");
    /** What may be a date, or none, as sql_mode says. A year or a member of an ENUM is none. */
    private static final Set<String> TEXTS = Set.of(
            "char", "varchar", "tinytext", "text", "mediumtext", "longtext", "json", "binary", "varbinary", "time");

    private final Sql sql;
    private final Vendor vendor;
    private final String database;
    private final Consumer<String> warnings;
    private Map<String, String> server = Map.of();

    /** @param sql session in that database, with the settings of all our sessions */
    ComputedValues(Sql sql, Vendor vendor, String database, Consumer<String> warnings) {
        this.sql = sql;
        this.vendor = vendor;
        this.database = database;
        this.warnings = warnings;
    }

    /**
     * What a restore needs to compute the columns as they are, if there are such columns.
     *
     * @param zoned the columns that are compared by that, not here
     * @param rowsAreRead false where nobody is to read the whole table
     */
    Optional<ComputedColumns> of(ZonedValues.Table table, Optional<ZonedColumns> zoned, boolean rowsAreRead) {
        Map<String, Generated> generated = table.generated();
        List<Generated> found = new ArrayList<>();
        Map<String, String> settings = new HashMap<>();
        Set<String> modes = new LinkedHashSet<>();
        boolean dates = false;
        for (Generated each : generated.values().stream().filter(Generated::stored).toList()) {
            Expression expression = new Expression(table, behind(each, generated));
            Map<String, String> own = expression.variables(server());
            Set<String> flags = expression.flags(server().get(MODE), vendor);
            if (!own.isEmpty() || !flags.isEmpty() || expression.makesDates()) {
                found.add(each);
                settings.putAll(own);
                modes.addAll(flags);
                dates |= expression.makesDates();
            }
        }
        if (found.isEmpty()) {
            return Optional.empty();
        }
        boolean compared = rowsAreRead && table.comparable();
        List<Generated> here = found.stream()
                .filter(each -> compared && zoned.stream().noneMatch(other -> !other.query().isEmpty() && other.columns().contains(each.column().name())))
                .toList();
        return Optional.of(noted(table, found, here, new Settings(settings, modes, rowsAreRead && dates,
                zoned.filter(ZonedColumns::rebuilt).map(ZonedColumns::zone).orElse(ZonedColumns.UTC))));
    }

    /** The column and those generated ones that it reads. */
    private static Collection<Generated> behind(Generated column, Map<String, Generated> generated) {
        Set<Generated> all = new LinkedHashSet<>(List.of(column));
        for (int before = 0; before < all.size();) {
            before = all.size();
            all.addAll(generated.entrySet().stream()
                    .filter(other -> all.stream().anyMatch(each -> each.expression().contains(other.getKey())))
                    .map(Map.Entry::getValue).toList());
        }
        return all;
    }

    /** What a column is computed of. */
    private record Expression(ZonedValues.Table table, Collection<Generated> parts) {
        private String text() {
            return parts.stream().map(each -> QUOTED.matcher(each.expression()).replaceAll("x")).collect(Collectors.joining(" ; "));
        }

        private Stream<TableDefinition.Column> read() {
            return table.columns().values().stream().filter(
                    column -> parts.stream().anyMatch(each -> each.expression().contains(Quoting.identifier(column.name()))));
        }

        /** Variables that it reads, with the values that the server gives to sessions. */
        Map<String, String> variables(Map<String, String> server) {
            String text = text();
            return server.entrySet().stream()
                    .filter(variable -> READ.containsKey(variable.getKey()) && READ.get(variable.getKey()).matcher(text).find())
                    .collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
        }

        /** Flags of {@code sql_mode} that do not touch what is loaded. MariaDB makes such a table with the one alone. */
        Set<String> flags(String global, Vendor vendor) {
            Set<String> flags = new LinkedHashSet<>();
            if (read().anyMatch(column -> column.type().equals("char"))) {
                flags.add("PAD_CHAR_TO_FULL_LENGTH");
            }
            if (parts.stream().anyMatch(each -> INSTANTS.contains(each.column().type())) || TIME.matcher(text()).find()) {
                flags.add("TIME_TRUNCATE_FRACTIONAL");
            }
            flags.retainAll(List.of(global.split(",")));
            boolean subtracts = MINUS.matcher(text()).find() && read().anyMatch(this::unsigned);
            if (subtracts && (vendor == Vendor.MARIADB || global.contains(ComputedColumns.UNSIGNED))) {
                flags.add(ComputedColumns.UNSIGNED);
            }
            return flags;
        }

        private boolean unsigned(TableDefinition.Column column) {
            return table.text().elements().stream()
                    .anyMatch(element -> element.matches("(?s)" + Pattern.quote(Quoting.identifier(column.name())) + " \\w+(\\([^)]*\\))? unsigned.*"));
        }

        /** Of something that is none as such. */
        boolean makesDates() {
            boolean dates = parts.stream().anyMatch(each -> INSTANTS.contains(each.column().type())) || DATE.matcher(text()).find();
            return dates && (read().anyMatch(column -> TEXTS.contains(column.type()))
                    || read().noneMatch(column -> INSTANTS.contains(column.type())));
        }
    }

    /**
     * @param dates whether sql_mode decides what is a date, which the rows tell
     * @param zone the time zone in which the rows have their values
     */
    private record Settings(Map<String, String> variables, Set<String> modes, boolean dates, String zone) {}

    private ComputedColumns noted(ZonedValues.Table table, List<Generated> found, List<Generated> compared, Settings settings) {
        Optional<String> dates = settings.dates ? unlessRefused(() -> dateMode(table, found, settings)) : Optional.empty();
        String mode = join(List.of(COUNTER, dates.orElse(OURS), String.join(",", settings.modes)));
        if (!mode.equals(Definition.SESSION_MODE)) {
            settings.variables.put(MODE, mode);
        }
        String query = compared.isEmpty() ? "" : Generated.digest(table, compared);
        Optional<String> values = query.isEmpty() ? Optional.of("") : unlessRefused(() -> sql.text(query));
        if (values.isEmpty()) {
            warnings.accept("database \"" + database + "\": the values of generated columns of table \"" + table.name() + "\" ("
                    + String.join(", ", Generated.names(found)) + ") depend on settings of the session that wrote the row, and could not be read:"
                    + " a restore will not compare them. Compare them yourself after a restore");
        }
        return new ComputedColumns(Generated.names(found), settings.variables, values.isEmpty() ? "" : query, values.orElse(""));
    }

    /** Empty when the server has found something in the rows with which it cannot answer. */
    private static Optional<String> unlessRefused(Supplier<String> question) {
        try {
            return Optional.of(question.get());
        } catch (BackupException e) {
            if (e.code().retryable() || !(e.getCause() instanceof SQLException origin) || MysqlErrors.definitionChanged(origin)) {
                throw e;
            }
            return Optional.empty();
        }
    }

    /**
     * Those flags about dates with which most rows get the values that they have, and that neither change a date of a plain column nor
     * refuse its default: what our sessions have, none, or the server's.
     */
    private String dateMode(ZonedValues.Table table, List<Generated> found, Settings settings) {
        String global = Stream.of(server().get(MODE).split(",")).filter(ComputedColumns.DATES::contains).sorted().collect(Collectors.joining(","));
        String best = OURS;
        long fewest = Long.MAX_VALUE;
        for (String candidate : new LinkedHashSet<>(List.of(OURS, "", global))) {
            long differing = differing(
                    table, found, join(List.of(COUNTER, candidate, String.join(",", settings.modes))), settings.zone);
            if (differing < fewest && (candidate.equals(OURS)
                    || plainOnesStay(table, join(List.of(COUNTER, candidate))) && defaultsHold(table, join(List.of(COUNTER, candidate))))) {
                best = candidate;
                fewest = differing;
            }
            if (fewest == 0) {
                break;
            }
        }
        return best;
    }

    private static String join(List<String> modes) {
        return modes.stream().filter(mode -> !mode.isEmpty()).collect(Collectors.joining(","));
    }

    /** In another zone than theirs columns that depend on it would differ in every row, whatever the mode is. */
    private long differing(ZonedValues.Table table, List<Generated> found, String mode, String zone) {
        sql.run(ZonedColumns.enter(zone));
        try {
            return in(mode, "SELECT coalesce(sum(NOT (" + Generated.allSame(found) + ")), 0) FROM " + table.rows());
        } finally {
            sql.run(ZonedColumns.enter(ZonedColumns.UTC));
        }
    }

    /** Otherwise the server refuses each ALTER TABLE, also one that adds a key (1067). */
    private boolean defaultsHold(ZonedValues.Table table, String mode) {
        List<String> defaults = sql.listAll(
                "SELECT trim(BOTH '\\'' FROM column_default) FROM information_schema.columns WHERE table_schema = ? AND table_name = ?"
                        + " AND data_type IN ('date', 'datetime', 'timestamp') AND column_default REGEXP '^.?[0-9]+-[0-9]+-[0-9]+'",
                row -> row.getString(1), database, table.name());
        return defaults.stream().allMatch(each -> in(mode, "SELECT CAST(" + Quoting.literal(each) + " AS DATETIME(6)) IS NOT NULL") == 1);
    }

    private boolean plainOnesStay(ZonedValues.Table table, String mode) {
        Set<String> generated = table.generated().keySet();
        String dates = table.columns().values().stream()
                .filter(column -> INSTANTS.contains(column.type()) && !generated.contains(Quoting.identifier(column.name())))
                .map(column -> Quoting.identifier(column.name()))
                .map(name -> name + " IS NULL OR CAST(CAST(" + name + " AS CHAR) AS DATETIME) IS NOT NULL")
                .collect(Collectors.joining(") AND ("));
        return dates.isEmpty() || in(mode, "SELECT coalesce(sum(NOT ((" + dates + "))), 0) FROM " + table.rows()) == 0;
    }

    private long in(String mode, String query) {
        sql.run(ComputedColumns.enter(MODE, mode));
        try {
            return sql.number(query);
        } finally {
            sql.run(ComputedColumns.leave(MODE));
        }
    }

    private Map<String, String> server() {
        if (server.isEmpty()) {
            Map<String, String> found = new HashMap<>();
            sql.list("SHOW GLOBAL VARIABLES WHERE variable_name IN ('" + MODE + "', '" + String.join("', '", READ.keySet()) + "')",
                    row -> found.put(row.getString(1), row.getString(2)));
            server = found;
        }
        return server;
    }
}
