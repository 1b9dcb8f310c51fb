package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Sql;
import java.util.List;

/** Lets a session make tables as the source had them, whatever the target refuses to others. Stateless. */
final class LenientTables {
    private static final String KEYS = "SHOW SESSION VARIABLES WHERE variable_name IN"
            + " ('sql_require_primary_key', 'sql_generate_invisible_primary_key') AND value = 'ON'";

    private LenientTables() {}

    /**
     * What statements copy of rows is not checked, and InnoDB takes tables whose rows might become too long, and options that it cannot
     * follow, with a warning. It neither insists on primary keys, which may have to wait for the rows, nor makes its own (MySQL 8.0.13,
     * 8.0.30). The session keeps that. Newer releases of MySQL let only some accounts say all but the first (SESSION_VARIABLES_ADMIN);
     * for the others it is as it was.
     */
    static void in(Sql sql) {
        sql.runAll(ServerRelease.of(sql).vendor().unchecked());
        if (sql.truth("SELECT @@innodb_strict_mode")) {
            sql.runIfPermitted("SET SESSION innodb_strict_mode = 0");
        }
        insisting(sql);
    }

    /** Turns what asks for primary keys off for the session, and returns what its account may not turn off. */
    static List<String> insisting(Sql sql) {
        return sql.list(KEYS, row -> row.getString(1)).stream()
                .filter(variable -> !sql.runIfPermitted("SET SESSION " + variable + " = 0"))
                .toList();
    }
}
