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
import java.util.Set;
import java.util.SortedSet;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * The numbers that InnoDB gives its tables. A table keeps its number when it is renamed, and gets a new one when it is built
 * anew; of a partitioned table each partition has one. To read them takes the privilege PROCESS. Immutable.
 *
 * <p>InnoDB knows tables by their files, whose names have codes for most characters (MySQL manual, "Mapping of Identifiers to File
 * Names"), and MySQL has no function that translates them. Those outside ASCII have codes by tables of their own, which are not repeated
 * here: names that differ in such characters alone are one name here, whose tables are looked at together.
 */
final class TableIds {
    static final TableIds UNKNOWN = new TableIds(Map.of(), 0);

    /** The code of a character: its number, or two characters that are not both digits of such a number. */
    private static final Pattern CODE = Pattern.compile("@(?:([0-9a-f]{4})|..)");
    /** What is added to names that are reserved in other operating systems. */
    private static final Pattern RESERVED = Pattern.compile("@@@$");
    private static final int ASCII = 128;
    /** For every character outside ASCII. */
    private static final String OTHER = "\uFFFD";

    /** By the names of database and table, the table's file, and the file of the partition or the same again. */
    private final Map<Name, Map<String, Map<String, Long>>> tables;
    /** Of all tables of the server; 0 where that was not asked for. */
    private final long highest;

    private TableIds(Map<Name, Map<String, Map<String, Long>>> tables, long highest) {
        this.tables = tables;
        this.highest = highest;
    }

    /** Both without what makes characters outside ASCII different. */
    private record Name(String database, String table) {}

    /**
     * Reads them with the highest number of all, so that others can be compared with them.
     *
     * @param databases those of interest; empty for all
     * @return {@link #UNKNOWN} when the account may not
     */
    static TableIds before(Sql sql, Vendor vendor, Collection<String> databases) {
        TableIds ids = read(sql, vendor, databases);
        return ids == UNKNOWN ? UNKNOWN : new TableIds(ids.tables, sql.number("SELECT max(table_id) FROM " + vendor.innodbTables()));
    }

    /**
     * Reads those of databases, to be compared with earlier ones.
     *
     * @param databases those of interest; empty for all
     * @return {@link #UNKNOWN} when the account may not
     */
    static TableIds read(Sql sql, Vendor vendor, Collection<String> databases) {
        return read(sql, vendor, databases, databases.stream().map(TableIds::like).map(each -> each + "/%").toList());
    }

    /**
     * Databases of which InnoDB has tables and which the server does not list, since it may not read their directories, or these are gone. Of
     * names outside ASCII that is not known.
     *
     * @param listed all that the server lists
     * @return none when the account may not ask
     */
    static SortedSet<String> unlisted(Sql sql, Vendor vendor, Collection<String> listed) {
        Set<String> known = listed.stream().map(name -> alike(name).toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
        SortedSet<String> found = new TreeSet<>();
        try {
            sql.list(
                    "SELECT DISTINCT left(name, locate('/', name) - 1) FROM " + vendor.innodbTables() + " WHERE name LIKE '%_/_%'",
                    row -> found.add(ofFile(row.getString(1))));
        } catch (BackupException e) {
            if (e.code() != ErrorCode.DATABASE_PRIVILEGE_MISSING) {
                throw e;
            }
        }
        found.removeIf(name -> known.contains(name.toLowerCase(Locale.ROOT)) || name.contains(OTHER));
        return found;
    }

    /** The same of one table alone, and perhaps others of its database. */
    static TableIds read(Sql sql, Vendor vendor, String database, String table) {
        return read(sql, vendor, List.of(database), List.of(like(database) + "/" + like(table) + "%"));
    }

    private static TableIds read(Sql sql, Vendor vendor, Collection<String> databases, List<String> patterns) {
        Set<String> wanted = databases.stream().map(TableIds::alike).collect(Collectors.toSet());
        Map<Name, Map<String, Map<String, Long>>> tables = new HashMap<>();
        try {
            sql.list(
                    "SELECT name, table_id FROM " + vendor.innodbTables()
                            + (patterns.isEmpty()
                                    ? ""
                                    : " WHERE " + String.join(" OR ", Collections.nCopies(patterns.size(), "name LIKE ?"))),
                    row -> {
                        String file = row.getString(1);
                        int slash = file.indexOf('/');
                        // names have no such character: it is written as a code
                        int partition = file.indexOf('#');
                        String table = partition < 0 ? file : file.substring(0, Math.max(partition, slash + 1));
                        String database = ofFile(file.substring(0, Math.max(0, slash)));
                        return wanted.isEmpty() || wanted.contains(database)
                                ? tables.computeIfAbsent(new Name(database, ofFile(table.substring(slash + 1))), key -> new HashMap<>())
                                        .computeIfAbsent(table, key -> new TreeMap<>())
                                        .put(file, row.getLong(2))
                                : null;
                    },
                    patterns.toArray());
        } catch (BackupException e) {
            if (e.code() != ErrorCode.DATABASE_PRIVILEGE_MISSING) {
                throw e;
            }
            return UNKNOWN;
        }
        return new TableIds(tables, 0);
    }

    /**
     * Whether a table of that name, or of one that differs from it outside ASCII alone, or a partition of it, has another number than
     * before: it was built anew, got the file of another one, or another one took its name. False where nothing is known of one of both.
     *
     * @param before read earlier
     */
    boolean differsFrom(TableIds before, String database, String table) {
        Name name = new Name(alike(database), alike(table));
        Map<String, Map<String, Long>> there = before.tables.getOrDefault(name, Map.of());
        return tables.getOrDefault(name, Map.of()).entrySet().stream()
                .anyMatch(here -> there.containsKey(here.getKey()) && !there.get(here.getKey()).equals(here.getValue()));
    }

    /**
     * Whether that name, or one that differs from it outside ASCII alone, belongs to another table than before, one that existed then
     * under another name; false where nothing is known of one of both, or the table is newer.
     *
     * @param before read earlier
     */
    boolean isAnotherOf(TableIds before, String database, String table) {
        Name name = new Name(alike(database), alike(table));
        Map<String, Map<String, Long>> there = before.tables.getOrDefault(name, Map.of());
        return tables.getOrDefault(name, Map.of()).entrySet().stream()
                .anyMatch(here -> isAnother(here.getValue(), there.get(here.getKey()), before.highest));
    }

    /**
     * Whether a table of that name, or one that differs from it outside ASCII alone, existed before and had another name or database;
     * false where nothing is known of it.
     *
     * @param before read earlier
     */
    boolean hasComeSince(TableIds before, String database, String table) {
        Name name = new Name(alike(database), alike(table));
        Map<String, Map<String, Long>> there = before.tables.getOrDefault(name, Map.of());
        return tables.getOrDefault(name, Map.of()).entrySet().stream().anyMatch(here ->
                !there.containsKey(here.getKey()) && here.getValue().values().stream().anyMatch(id -> id <= before.highest));
    }

    private static boolean isAnother(Map<String, Long> here, Map<String, Long> there, long highest) {
        // numbers only grow
        return there != null && !here.equals(there)
                && here.values().stream().anyMatch(id -> id <= highest && !there.containsValue(id));
    }

    private static String alike(String name) {
        return (DatabaseChoice.foreign(name) ? DatabaseChoice.directory(name) : name).replaceAll("[^\\x00-\\x7F]", OTHER);
    }

    /** The same of the name of a file. */
    private static String ofFile(String name) {
        return CODE.matcher(RESERVED.matcher(name).replaceFirst("")).replaceAll(code -> {
            int number = code.group(1) == null ? ASCII : Integer.parseInt(code.group(1), 16);
            return number < ASCII ? Matcher.quoteReplacement(Character.toString(number)) : OTHER;
        });
    }

    /** Finds a name in those of files, and perhaps others. */
    private static String like(String name) {
        if (DatabaseChoice.foreign(name)) {
            return DatabaseChoice.directory(name);
        }
        return name.chars()
                .mapToObj(c -> c >= ASCII ? "@%"
                        : Character.isLetterOrDigit(c) || c == '_' ? Character.toString(c) : String.format(Locale.ROOT, "@%04x", c))
                .collect(Collectors.joining());
    }
}
