package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Sql;
import java.util.List;

/** Lets a session make tables as the source had them, whatever the target refuses to others. Stateless. */
final class LenientTables {
    private static final String KEYS = "'sql_require_primary_key', 'sql_generate_invisible_primary_key'";
    private static final String FOREIGN_KEYS = "'restrict_fk_on_non_standard_key'";

    private LenientTables() {}

    /**
     * What statements copy of rows is not checked, and InnoDB takes tables whose rows might become too long, and options that it cannot
     * follow, with a warning. It neither insists on primary keys, which may have to wait for the rows, nor makes its own (MySQL 8.0.13,
     * 8.0.30), and takes all foreign keys ({@link #takingForeignKeys}). The session keeps that. Newer releases of MySQL let only some accounts
     * say all but the first (SESSION_VARIABLES_ADMIN); for the others it is as it was.
     */
    static void in(Sql sql) {
        sql.runAll(ServerRelease.of(sql).vendor().unchecked());
        if (sql.truth("SELECT @@innodb_strict_mode")) {
            sql.runIfPermitted("SET SESSION innodb_strict_mode = 0");
        }
        insisting(sql);
        takingForeignKeys(sql);
    }

    /** Foreign keys to what is no unique key, or to a part of one, which MySQL 8.4 takes only so. */
    static void takingForeignKeys(Sql sql) {
        off(sql, FOREIGN_KEYS);
    }

    /** Turns what asks for primary keys off for the session, and returns what its account may not turn off. */
    static List<String> insisting(Sql sql) {
        return off(sql, KEYS);
    }

    private static List<String> off(Sql sql, String variables) {
        // servers that do not know one have no row for it
        return sql.list("SHOW SESSION VARIABLES WHERE variable_name IN (" + variables + ") AND value = 'ON'", row -> row.getString(1)).stream()
                .filter(variable -> !sql.runIfPermitted("SET SESSION " + variable + " = 0"))
                .toList();
    }
}
