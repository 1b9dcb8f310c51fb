package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/** Refuses a restore into a server that would not create its tables without primary keys as they are. */
final class PrimaryKeyCheck {
    private static final String FORCED = "innodb_force_primary_key";
    /** As SHOW CREATE TABLE writes it, behind all columns. */
    private static final String UNIQUE = "  UNIQUE KEY ";
    private static final String PERIOD = " WITHOUT OVERLAPS";
    private static final Pattern NAME = Pattern.compile("`(?:[^`]|``)*+`");
    private static final Pattern PART = Pattern.compile(NAME.pattern() + "(?:" + PERIOD + ")?");
    private static final int SHOWN = 20;

    private final RestoreContext context;
    private final Sql sql;

    PrimaryKeyCheck(RestoreContext context, Sql sql) {
        this.context = context;
        this.sql = sql;
    }

    /** @throws BackupException DATABASE_WRONG with the names of such tables */
    void require() {
        // MariaDB's, which no session can set
        if (sql.list("SHOW GLOBAL VARIABLES LIKE '" + FORCED + "'", row -> row.getString(2)).contains("ON")) {
            require(FORCED, true, "");
        }
        // MySQL's, which our sessions set where the account may
        LenientTables.insisting(sql).forEach(variable -> require(
                variable, false, ", or grant the account SESSION_VARIABLES_ADMIN on *.*"));
    }

    private void require(String variable, boolean takesUnique, String otherwise) {
        List<String> keyless = new ArrayList<>();
        RestoreTarget.all(context).forEach(target -> SchemaItem.read(context, target, definition -> {
            if (definition.kind() == Definition.Kind.TABLE && keyless(definition.statement(), takesUnique)) {
                keyless.add(Quoting.qualified(target.name(), definition.name()));
            }
        }));
        if (!keyless.isEmpty()) {
            throw new BackupException(
                    ErrorCode.DATABASE_WRONG,
                    variable + " is ON on " + context.target() + ", where these tables, which are made without a primary key, would not become what"
                            + " they are in the set: " + keyless.stream().limit(SHOWN).collect(Collectors.joining(", "))
                            + (keyless.size() > SHOWN ? " and " + (keyless.size() - SHOWN) + " more" : ""),
                    "Execute SET GLOBAL " + variable + " = OFF on the target, at least until they are restored" + otherwise + ".");
        }
    }

    /**
     * Whether a table is made without a primary key; its other keys may come later.
     *
     * @param takesUnique only of InnoDB, and a unique key of columns that take no NULL will do, as MariaDB has it
     */
    static boolean keyless(String statement, boolean takesUnique) {
        String masked = Quoting.masked(statement);
        return !masked.contains("PRIMARY KEY (")
                && !(takesUnique && (!masked.contains(") ENGINE=InnoDB") || uniqueWithoutNulls(statement, masked)));
    }

    private static boolean uniqueWithoutNulls(String statement, String masked) {
        Set<String> columns = new HashSet<>();
        boolean found = false;
        for (int from = 0, end = masked.indexOf('\n'); end >= 0; from = end + 1, end = masked.indexOf('\n', from)) {
            String line = masked.substring(from, end);
            if (line.startsWith(UNIQUE)) {
                // a comment may follow; a period of MariaDB's is no column, and has no NULL
                found |= PART.matcher(statement.substring(from + line.indexOf('('), from + line.lastIndexOf(')'))).results()
                        .map(MatchResult::group).filter(part -> !part.endsWith(PERIOD)).allMatch(columns::contains);
            } else if (line.contains(" NOT NULL")) {
                NAME.matcher(statement.substring(from, end)).results().findFirst().ifPresent(column -> columns.add(column.group()));
            }
        }
        return found;
    }
}
