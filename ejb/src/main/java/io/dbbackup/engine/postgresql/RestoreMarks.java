package io.dbbackup.engine.postgresql;

import io.dbbackup.spi.LogicalRestore;

/** What tells the databases that an unfinished restore is at work on. */
public final class RestoreMarks {
    /** Of the names of databases that have not got their own yet, or have lost it. */
    public static final String PREFIX = LogicalRestore.TEMPORARY;

    /** Lies in a database from before its rows are touched until all are in. */
    public static final String SCHEMA = "dbbackup_restore";

    /** Of pg_namespace {@code n}: a schema that a backup takes, neither the server's own nor {@link #SCHEMA}; begins with a space. */
    public static final String OTHERS =
            " n.nspname NOT IN ('information_schema', '" + SCHEMA + "') AND n.nspname !~ '^pg_'";

    private RestoreMarks() {}
}
