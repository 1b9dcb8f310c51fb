package io.dbbackup.engine.mysql;

import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Storage engines by where the rows of their tables are. TRUNCATE of a MERGE table empties its children, also those of other
 * databases, and TRUNCATE of a FEDERATED one the table on the other server (MySQL manual, "The MERGE Storage Engine", "The
 * FEDERATED Storage Engine"). Stateless.
 */
public final class StorageEngines {
    private static final Set<String> OWN = Set.of(
            "innodb", "myisam", "aria", "memory", "csv", "archive", "rocksdb", "tokudb", "mroonga", "columnstore", "ndbcluster");
    /** Show the rows of something else, or none. */
    private static final Set<String> NONE = Set.of(
            "mrg_myisam", "federated", "spider", "connect", "blackhole", "oqgraph", "sphinx", "sequence", "cassandra");

    /**
     * Of what SHOW CREATE TABLE says: what comes right before where a column goes on counting, with a tablespace of MySQL. In a comment there is
     * never a line break.
     */
    public static final String BEFORE_COUNTER =
            "\n\\) (?:/\\*!\\d+ TABLESPACE `(?:[^`]|``)*+`(?: STORAGE \\w+)? \\*/ )?ENGINE=\\w+";

    private static final Pattern ENGINE = Pattern.compile(BEFORE_COUNTER);

    private static final Pattern ARCHIVE_COUNTER = Pattern.compile("(\\n\\) ENGINE=ARCHIVE) AUTO_INCREMENT=\\d+");

    private static final Pattern UNION = Pattern.compile("\\n\\) ENGINE=MRG_MyISAM\\b.* UNION=\\((.*)\\)[^()]*$");
    private static final Pattern ELSEWHERE = Pattern.compile("((?:`(?:[^`]|``)*`)\\.)?`(?:[^`]|``)*`");

    private StorageEngines() {}

    /** The tables of other databases that a MERGE table shows, quoted; its SHOW CREATE TABLE names databases only there. */
    public static List<String> othersOf(String statement) {
        Matcher union = UNION.matcher(statement);
        return union.find()
                ? ELSEWHERE.matcher(union.group(1)).results().filter(table -> table.group(1) != null).map(MatchResult::group).toList()
                : List.of();
    }

    /** Whether its tables certainly have rows of their own, which may be deleted and loaded without touching anything else. */
    public static boolean ownsRows(String engine) {
        return OWN.contains(engine.toLowerCase(Locale.ROOT));
    }

    /** Whether its tables certainly have no rows of their own. Neither this nor the other holds for unknown engines. */
    public static boolean ownsNone(String engine) {
        return NONE.contains(engine.toLowerCase(Locale.ROOT));
    }

    /** The same of the table that a statement creates, as SHOW CREATE TABLE says it. */
    public static boolean createsNone(String statement) {
        Matcher engine = ENGINE.matcher(statement);
        return engine.find() && ownsNone(engine.group().substring(engine.group().lastIndexOf('=') + 1));
    }

    /** Whether no statement deletes rows of its tables. */
    public static boolean keepsRows(String engine) {
        return engine.equalsIgnoreCase("ARCHIVE");
    }

    /**
     * What SHOW CREATE TABLE says, so that rows can be loaded into what it creates: an ARCHIVE takes none below its counter (error 1022),
     * which goes on behind them by itself.
     */
    public static String fillable(String statement) {
        return ARCHIVE_COUNTER.matcher(statement).replaceFirst("$1");
    }

    /** Whether rows are loaded in transactions and belong to snapshots. */
    public static boolean transactional(String engine) {
        return engine.equalsIgnoreCase("InnoDB");
    }

    /** SQL condition for {@link #ownsNone}. */
    public static String ownsNoneCondition(String column) {
        return NONE.stream().sorted().collect(Collectors.joining("', '", "lower(" + column + ") IN ('", "')"));
    }
}
