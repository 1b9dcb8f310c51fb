package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Sql;

/** Lets a session make tables as the source had them, whatever the target refuses to others. Stateless. */
final class LenientTables {
    private LenientTables() {}

    /**
     * What statements copy of rows is not checked, and InnoDB takes tables whose rows might become too long, and options that it cannot
     * follow, with a warning. The session keeps that. Newer releases of MySQL let only some accounts say the latter
     * (SESSION_VARIABLES_ADMIN); for the others it is as it was.
     */
    static void in(Sql sql) {
        sql.runAll(ServerRelease.of(sql).vendor().unchecked());
        if (sql.truth("SELECT @@innodb_strict_mode")) {
            sql.runIfPermitted("SET SESSION innodb_strict_mode = 0");
        }
    }
}
