package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.util.Collection;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The numbers that InnoDB gives its tables. A table keeps its number when it is renamed, and gets a new one when it is built
 * anew; of a partitioned table each partition has one. To read them takes the privilege PROCESS. Immutable.
 */
final class TableIds {
    static final TableIds UNKNOWN = new TableIds(Map.of(), 0);

    /** By the name of the file, which is {@code database/table} and perhaps {@code #p#partition}. */
    private final Map<String, Map<String, Long>> tables;
    /** Of all tables of the server. */
    private final long highest;

    private TableIds(Map<String, Map<String, Long>> tables, long highest) {
        this.tables = tables;
        this.highest = highest;
    }

    /**
     * Reads them.
     *
     * @param databases those of interest; empty for all
     * @return {@link #UNKNOWN} when the account may not
     */
    static TableIds read(Sql sql, Vendor vendor, Collection<String> databases) {
        List<String> folders = databases.stream().map(TableIds::file).flatMap(Optional::stream).toList();
        if (folders.size() < databases.size() && folders.isEmpty()) {
            return UNKNOWN;
        }
        Map<String, Map<String, Long>> tables = new HashMap<>();
        long highest;
        try {
            highest = sql.number("SELECT max(table_id) FROM " + vendor.innodbTables());
            sql.list(
                    "SELECT name, table_id FROM " + vendor.innodbTables()
                            + (folders.isEmpty()
                                    ? ""
                                    : " WHERE substring_index(name, '/', 1) IN ("
                                            + String.join(", ", Collections.nCopies(folders.size(), "?")) + ")"),
                    row -> {
                        String name = row.getString(1);
                        // names have no such character: it is written as digits
                        int partition = name.indexOf('#');
                        return tables.computeIfAbsent(partition < 0 ? name : name.substring(0, partition), key -> new TreeMap<>())
                                .put(name, row.getLong(2));
                    },
                    folders.toArray());
        } catch (BackupException e) {
            if (e.code() != ErrorCode.DATABASE_PRIVILEGE_MISSING) {
                throw e;
            }
            return UNKNOWN;
        }
        return new TableIds(tables, highest);
    }

    /**
     * Whether that name belongs to another table than before, one that existed then under another name; false where nothing is known
     * of one of both, or the table is newer.
     *
     * @param before read earlier
     */
    boolean isAnotherOf(TableIds before, String database, String table) {
        Optional<String> name = file(database).flatMap(folder -> file(table).map(file -> folder + "/" + file));
        Map<String, Long> here = name.map(tables::get).orElse(null);
        Map<String, Long> there = name.map(before.tables::get).orElse(null);
        // numbers only grow
        return here != null && there != null && !here.equals(there)
                && here.values().stream().anyMatch(id -> id <= before.highest && !there.containsValue(id));
    }

    /**
     * How the servers write names into files (MySQL manual, "Mapping of Identifiers to File Names"). Characters outside ASCII have
     * codes by tables of their own, which are not repeated here.
     */
    private static Optional<String> file(String name) {
        return name.chars().allMatch(c -> c < 128)
                ? Optional.of(name.chars()
                        .mapToObj(c -> Character.isLetterOrDigit(c) || c == '_'
                                ? Character.toString(c) : String.format(Locale.ROOT, "@%04x", c))
                        .collect(Collectors.joining()))
                : Optional.empty();
    }
}
