package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.ClientText;
import io.dbbackup.engine.mysql.ColumnDefault;
import io.dbbackup.engine.mysql.ComputedColumns;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.Definition.Kind;
import io.dbbackup.engine.mysql.KeyStatements;
import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.StorageEngines;
import io.dbbackup.engine.mysql.TableProperties;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.engine.mysql.ZonedColumns;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Plural;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;

/** The tables and sequences of a database with their definitions, cut into what precedes the rows and what follows them. */
final class TableCatalog {
    /** A second statement for its keys costs a table with fewer bytes more than building them row by row. */
    private static final long WORTH_DEFERRING = 1 << 20;
    private static final String ROW_END = "row_end";
    /** Of a column that counts up, while its rows are loaded. */
    private static final String COUNTING = "`dbbackup_counting`";
    /** Names in a warning. */
    private static final int SHOWN = 20;
    /** What SETVAL takes: where nothing cycles it refuses any, which a row of the sequence may have nevertheless. */
    private static final String ROUNDS = "IF(cycle_option, cycle_count, 0)";
    /** Whether somebody has set a sequence back, behind where it starts: SETVAL does nothing there and does not say so. */
    private static final String RESTARTED = ROUNDS + " = 0 AND IF(increment < 0, next_not_cached_value > start_value"
            + " AND next_not_cached_value <= maximum_value, next_not_cached_value < start_value AND next_not_cached_value >= minimum_value)";
    private static final String GENERATED = "extra REGEXP '(VIRTUAL|STORED|PERSISTENT) GENERATED'";

    private final Sql sql;
    private final Vendor vendor;
    private final String database;
    private final TableChoice choice;
    private final Consumer<String> warnings;
    private final ZonedValues zones;
    private final ComputedValues settings;
    private final Map<String, Map<String, TableDefinition.Column>> known = new HashMap<>();
    private final Map<String, List<TableDefinition.Column>> columns = new HashMap<>();
    private final Map<String, List<TableDefinition.Column>> primaryKeys = new HashMap<>();
    /** Tables whose primary key begins with a part of the first column's text alone. */
    private final Set<String> prefixed = new HashSet<>();
    private final Map<String, String> counting = new HashMap<>();
    private final List<String> outside = new ArrayList<>();
    private final List<String> currentOnly = new ArrayList<>();
    private final List<Listed> listed;

    /** @param sql session in that database */
    TableCatalog(Sql sql, Vendor vendor, String database, TableChoice choice, Consumer<String> warnings) {
        this.sql = sql;
        this.vendor = vendor;
        this.database = database;
        this.choice = choice;
        this.warnings = warnings;
        zones = new ZonedValues(sql, database, !choice.samples(), warnings);
        settings = new ComputedValues(sql, vendor, database, warnings);
        // before the columns: what is made in between has none here, and is none of the tables
        listed = list();
        readColumns();
    }

    /** A table or the like as it is listed. */
    private record Listed(String name, String type, String engine, long rows, long bytes, String created) {
        boolean transactional() {
            return StorageEngines.transactional(engine);
        }
    }

    private void readColumns() {
        sql.listAll(
                "SELECT table_name, column_name, data_type, extra LIKE '%auto_increment%', " + GENERATED
                        + ", is_nullable = 'NO', character_set_name, collation_name, " + TableProperties.DETAIL
                        + ", column_type FROM information_schema.columns"
                        + " WHERE table_schema = ? ORDER BY table_name, ordinal_position",
                row -> {
                    String table = row.getString(1);
                    TableDefinition.Column column = new TableDefinition.Column(
                            row.getString(2), row.getString(3), row.getString(9), row.getBoolean(6),
                            Objects.requireNonNullElse(row.getString(7), ""),
                            Objects.requireNonNullElse(row.getString(8), ""),
                            row.getString(10));
                    known.computeIfAbsent(table, name -> new HashMap<>()).put(column.name(), column);
                    if (row.getBoolean(4)) {
                        counting.put(table, column.name());
                    }
                    if (!row.getBoolean(5)) {
                        columns.computeIfAbsent(table, name -> new ArrayList<>()).add(column);
                    }
                    return column;
                },
                database);
        sql.listAll(
                "SELECT table_name, column_name, seq_in_index = 1 AND sub_part IS NOT NULL FROM information_schema.statistics"
                        + " WHERE table_schema = ? AND index_name = 'PRIMARY' ORDER BY table_name, seq_in_index",
                row -> {
                    if (row.getBoolean(3)) {
                        prefixed.add(row.getString(1));
                    }
                    TableDefinition.Column column = known.getOrDefault(row.getString(1), Map.of()).get(row.getString(2));
                    // what was made since has none
                    return column != null && primaryKeys.computeIfAbsent(row.getString(1), name -> new ArrayList<>()).add(column);
                },
                database);
    }

    /** Names of all tables and sequences of the database, chosen or not. */
    Set<String> names() {
        return listed.stream().filter(each -> !each.type.equals("VIEW")).map(Listed::name).collect(Collectors.toSet());
    }

    /**
     * Reads everything that is chosen.
     *
     * @param all takes what recreates tables and sequences, in the order of a restore per kind
     * @return the tables whose rows are taken
     */
    List<TableDefinition> read(Consumer<Definition> all) {
        Consumer<Definition> definitions = definition -> {
            if (definition.kind() == Kind.SEQUENCE_VALUE ? choice.values() : choice.definitions()) {
                all.accept(definition);
            }
        };
        List<TableDefinition> tables = new ArrayList<>();
        for (Listed each : listed) {
            switch (each.type) {
                case "SEQUENCE" -> sequence(each.name, definitions);
                case "BASE TABLE", "SYSTEM VERSIONED" -> {
                    if (choice.takes(each.name)) {
                        TableDefinition table = table(each, definitions);
                        if (choice.takesRows(each.name)) {
                            tables.add(table);
                        }
                    }
                }
                default -> { }
            }
        }
        warnOfHistory();
        warnOfOutside();
        return tables;
    }

    private List<Listed> list() {
        String query = "SELECT table_name, table_type, coalesce(engine, ''), coalesce(table_rows, 0), coalesce(data_length, 0),"
                + " coalesce(create_time, '') FROM information_schema.tables WHERE table_schema = ? ORDER BY table_name";
        Sql.Row<Listed> reader = row -> new Listed(
                row.getString(1), row.getString(2), row.getString(3), row.getLong(4), row.getLong(5), row.getString(6));
        if (vendor == Vendor.MYSQL) {
            // leaves out statistics alone
            return sql.list(query, reader, database);
        }
        return sql.listAll(query, reader, database);
    }

    private void sequence(String name, Consumer<Definition> definitions) {
        String quoted = Quoting.identifier(name);
        definitions.accept(new Definition(
                Kind.SEQUENCE, name, sql.first("SHOW CREATE SEQUENCE " + quoted, row -> row.getString(2)).orElseThrow()));
        definitions.accept(new Definition(Kind.SEQUENCE_VALUE, name, sql.first(
                "SELECT next_not_cached_value, " + ROUNDS + ", " + RESTARTED + " FROM " + quoted,
                // a data-only restore sets sequences forward only
                row -> row.getBoolean(3) && choice.definitions()
                        ? "ALTER SEQUENCE " + quoted + " RESTART WITH " + row.getString(1)
                        : "DO SETVAL(" + quoted + ", " + row.getString(1) + ", 0, " + row.getString(2) + ")").orElseThrow()));
    }

    private TableDefinition table(Listed listed, Consumer<Definition> definitions) {
        String name = listed.name;
        String statement = shown(name);
        boolean versioned = listed.type.equals("SYSTEM VERSIONED");
        if (choice.definitions()) {
            warnOfUnshown(listed, statement);
        }
        TableText whole = TableText.of(statement);
        if (choice.takesRows(name)) {
            requireSameColumns(name, whole);
        }
        if (choice.definitions() && !whole.needs().isEmpty()) {
            outside.add(name + " (" + String.join(", ", whole.needs()) + ")");
        }
        TableText text = choice.values() ? whole : whole.withoutCounter();
        List<String> kept = new ArrayList<>();
        List<String> keys = new ArrayList<>();
        List<String> references = new ArrayList<>();
        List<String> defaults = new ArrayList<>();
        ZonedValues.Table asked = new ZonedValues.Table(
                name, versioned, listed.transactional(), whole, known.getOrDefault(name, Map.of()), primaryKeys.getOrDefault(name, List.of()));
        Optional<ZonedColumns> zoned = choice.takesRows(name) ? zones.of(asked) : Optional.empty();
        Optional<ComputedColumns> computed = settings.of(asked, zoned, choice.takesRows(name) && !choice.samples());
        Set<String> deferrable = deferrable(listed, text);
        zoned.ifPresent(columns -> deferrable.addAll(zonedKeys(asked, columns)));
        for (String element : text.elements()) {
            if (TableText.isForeignKey(element)) {
                if (choice.takesKey(name, TableText.foreignKeyName(element), alter(name, "ADD ", List.of(element)))) {
                    references.add(element);
                }
            } else if (deferrable.contains(element)) {
                keys.add(element);
            } else {
                kept.add(withoutSequence(name, element, defaults));
            }
        }
        String mode = computed.map(ComputedColumns::madeIn).orElse(Definition.SESSION_MODE);
        keepCounting(counting.getOrDefault(name, ""), text.counter().orElse("1"), kept, keys);
        definitions.accept(new Definition(Kind.TABLE, name, mode, StorageEngines.fillable(text.statement(kept))));
        String zone = zoned.map(ZonedColumns::zone).orElse("");
        if (zoned.isPresent() && zoned.get().rebuilt()) {
            definitions.accept(keys(name, mode, zone, ZonedColumns.rebuild(name)));
        }
        if (!keys.isEmpty()) {
            KeyStatements.of(name, keys).forEach(each -> definitions.accept(keys(name, mode, zone, each)));
        }
        defaults.forEach(each -> definitions.accept(new Definition(Kind.DEFAULTS, name, mode, each)));
        if (!references.isEmpty()) {
            definitions.accept(new Definition(Kind.FOREIGN_KEYS, name, mode, alter(name, "ADD ", references)));
        }
        if (!choice.definitions() && (listed.transactional() || StorageEngines.ownsRows(listed.engine))) {
            text.counter().ifPresent(counter -> definitions.accept(new Definition(
                    Kind.SEQUENCE_VALUE, name, "ALTER TABLE " + Quoting.identifier(name) + " AUTO_INCREMENT = " + counter)));
        }
        List<TableDefinition.Column> own = new ArrayList<>(columns.getOrDefault(name, List.of()));
        boolean history = versioned && !byTransactions(text);
        if (history) {
            own.addAll(periodOf(text));
        } else if (versioned && choice.takesRows(name)) {
            currentOnly.add(name);
        }
        return new TableDefinition(
                vendor, name, listed.engine, listed.rows, listed.bytes, history, own,
                primaryKeys.getOrDefault(name, List.of()), prefixed.contains(name), keys, counting.containsKey(name), zoned, computed,
                listed.created, whole.form(),
                primaryKeys.getOrDefault(name, List.of()).stream().limit(1).flatMap(first -> whole.partitions(first.name()).stream()).toList(),
                history ? spread(name, text) : TableDefinition.Spread.NONE);
    }

    /** The rows are read by the columns that were listed: one that is not among them would be in no row of the set. */
    private void requireSameColumns(String table, TableText text) {
        Set<String> shown = text.elements().stream().filter(TableText::isColumn).map(TableCatalog::plainName).collect(Collectors.toSet());
        if (!shown.equals(known.getOrDefault(table, Map.of()).keySet())) {
            throw SnapshotPool.lost(database, "table " + table + " was altered while its definition was read");
        }
    }

    /** @throws BackupException with what to do about a table that nobody can open, a MERGE table of tables that are gone, say */
    private String shown(String table) {
        try {
            return ShownTable.read(sql, table).orElseThrow();
        } catch (BackupException e) {
            if (!(e.getCause() instanceof SQLException origin) || e.code() != ErrorCode.DATABASE_STATEMENT_FAILED
                    || MysqlErrors.definitionChanged(origin)) {
                throw e;
            }
            throw new BackupException(
                    e.code(),
                    "table " + Quoting.qualified(database, table) + " on " + sql.endpoint() + " cannot be opened, and nothing else tells its definition: "
                            + MysqlErrors.message(origin),
                    "Mend the table, or drop it; or exclude it from the backup (--exclude-table, exclude_tables of the policy). Then restart the run,"
                            + " or begin another one where tables are excluded now.",
                    origin);
        }
    }

    private TableDefinition.Spread spread(String table, TableText text) {
        if (text.historyRows() == 0) {
            return TableDefinition.Spread.NONE;
        }
        String end = text.elements().stream().filter(element -> ofPeriod(element) && element.contains(" AS ROW END"))
                .map(TableCatalog::plainName).findFirst().orElse(ROW_END);
        return new TableDefinition.Spread(end, text.historyRows(), sql.listAll(
                // the last one is for current rows
                "SELECT count(DISTINCT partition_name) - 1 FROM information_schema.partitions WHERE table_schema = ?"
                        + " AND table_name = ? AND CAST(table_name AS BINARY) = CAST(? AS BINARY)",
                row -> row.getInt(1), database, table, table).get(0));
    }

    private static String plainName(String element) {
        String quoted = TableText.columnName(element);
        return quoted.substring(1, quoted.length() - 1).replace("``", "`");
    }

    private void warnOfUnshown(Listed listed, String statement) {
        String table = listed.name;
        if (statement.indexOf('?') < 0) {
            return;
        }
        Map<String, TableDefinition.Column> own = columns.getOrDefault(table, List.of()).stream()
                .collect(Collectors.toMap(column -> Quoting.identifier(column.name()), column -> column));
        List<String> unshown = new ArrayList<>();
        for (String element : TableText.of(statement).elements()) {
            if (TableText.isColumn(element) && own.containsKey(TableText.columnName(element))) {
                unshown.addAll(UnshownText.of(sql, table, own.get(TableText.columnName(element)), element, listed.transactional()));
            }
        }
        if (!unshown.isEmpty()) {
            warnings.accept("database \"" + database + "\": the server shows question marks for characters of four bytes, or for bytes, in"
                    + " table \"" + table + "\", and so they are in the set: " + String.join(", ", unshown)
                    + ". After a restore, set them again (ALTER TABLE); rows with such members of an ENUM or SET are refused by it");
        }
    }

    private static Definition keys(String table, String mode, String zone, String statement) {
        return new Definition(Kind.KEYS, table, mode, "", "", zone, ClientText.of(statement));
    }

    private static String alter(String table, String verb, List<String> elements) {
        return "ALTER TABLE " + Quoting.identifier(table) + " " + verb + String.join(", " + verb, elements);
    }

    /**
     * Keys that can wait until the rows are in: those that neither decide where InnoDB puts a row nor let a column count up.
     * Other engines build keys again for each added one.
     */
    private Set<String> deferrable(Listed listed, TableText text) {
        Set<String> found = new HashSet<>();
        if (!listed.transactional()) {
            return found;
        }
        boolean primary = primaryKeys.containsKey(listed.name);
        String counter = counting.getOrDefault(listed.name, "");
        boolean counts = primary && primaryKeys.get(listed.name).get(0).name().equals(counter);
        for (String element : text.elements()) {
            boolean needed = TableText.isUnique(element) && !primary
                    || !counter.isEmpty() && !counts && TableText.firstColumn(element).equals(Quoting.identifier(counter))
                    || element.contains("WITHOUT OVERLAPS");
            // whether a unique key holds on another server is found out by building it
            boolean cheap = listed.bytes <= WORTH_DEFERRING && TableText.isPlainKey(element);
            if (TableText.isKey(element) && !needed && !cheap) {
                found.add(element);
            }
        }
        return found;
    }

    /** Keys that must not be there while the values of rows are not yet what they were. */
    private Set<String> zonedKeys(ZonedValues.Table table, ZonedColumns zoned) {
        return table.text().elements().stream()
                .filter(TableCatalog::anyKey)
                .filter(key -> ZonedValues.concerns(table, zoned.columns(), key))
                .filter(key -> !key.contains("WITHOUT OVERLAPS"))
                .collect(Collectors.toSet());
    }

    private static boolean anyKey(String element) {
        return TableText.isKey(element) || TableText.isPrimaryKey(element);
    }

    /**
     * No server takes a column that counts up without a key that begins with it (MyISAM and Aria take it behind others): until the key by
     * which it counts is built, it has another one.
     *
     * @param next where the table goes on counting: that key would have it behind the last row, also where it counts behind others
     * @param kept takes that key if it is needed
     * @param keys that are built later; the one by which it counts then drops the other
     */
    private static void keepCounting(String counter, String next, List<String> kept, List<String> keys) {
        String column = Quoting.identifier(counter);
        if (counter.isEmpty() || kept.stream().filter(TableCatalog::anyKey).anyMatch(key -> TableText.firstColumn(key).equals(column))) {
            return;
        }
        for (int i = 0; i < keys.size(); i++) {
            if (keys.get(i).contains(column) && !keys.get(i).startsWith("FULLTEXT ")) {
                keys.set(i, keys.get(i) + ", DROP KEY " + COUNTING + ", AUTO_INCREMENT = " + next);
                kept.add("KEY " + COUNTING + " (" + column + ")");
                return;
            }
        }
    }

    /**
     * A default that counts by a sequence names the sequence's database, which may have another name when it is restored, or not be there yet.
     *
     * @param defaults takes the statement that sets it
     * @return the definition of a column without it; that of any other element as it is
     */
    private String withoutSequence(String table, String element, List<String> defaults) {
        return TableText.computedDefault(element).flatMap(computed -> ColumnDefault.movable(computed.expression(), database).map(moved -> {
            defaults.add(ColumnDefault.statement(table, plainName(element)) + moved);
            return computed.column();
        })).orElse(element);
    }

    /**
     * Whether its versions are told apart by numbers of transactions: these are others on every server, and
     * {@code system_versioning_insert_history} is for times alone, so that no statement brings such history back.
     */
    private static boolean byTransactions(TableText text) {
        return text.elements().stream().filter(TableCatalog::ofPeriod)
                .anyMatch(element -> element.startsWith(TableText.columnName(element) + " bigint"));
    }

    private static boolean ofPeriod(String element) {
        return TableText.isColumn(element) && element.contains("GENERATED ALWAYS AS ROW ");
    }

    private static String some(List<String> names) {
        return String.join(", ", names.subList(0, Math.min(SHOWN, names.size()))) + (names.size() > SHOWN ? ", …" : "");
    }

    private void warnOfOutside() {
        if (!outside.isEmpty()) {
            warnings.accept("database \"" + database + "\": " + Plural.of(outside.size(), "table needs", "tables need") + " what no set keeps: " + some(outside)
                    + ". Make it on the target before a restore, which fails otherwise");
        }
    }

    private void warnOfHistory() {
        if (!currentOnly.isEmpty()) {
            warnings.accept("database \"" + database + "\": of " + Plural.of(currentOnly.size(), "table", "tables") + " whose versions are told apart by transactions"
                    + " (PERIOD FOR SYSTEM_TIME of BIGINT UNSIGNED columns) the current rows alone are in the set, since no statement could"
                    + " bring their history back: " + some(currentOnly) + ". With a period of TIMESTAMP(6) columns history is kept, too");
        }
    }

    /** The columns that say from when to when a version of a row was valid; implicit ones have fixed names. */
    private static List<TableDefinition.Column> periodOf(TableText text) {
        List<TableDefinition.Column> period = new ArrayList<>();
        for (String element : text.elements()) {
            if (ofPeriod(element)) {
                period.add(new TableDefinition.Column(plainName(element), "timestamp", true));
            }
        }
        return period.isEmpty()
                ? List.of(
                        new TableDefinition.Column("row_start", "timestamp", true),
                        new TableDefinition.Column(ROW_END, "timestamp", true))
                : period;
    }
}
