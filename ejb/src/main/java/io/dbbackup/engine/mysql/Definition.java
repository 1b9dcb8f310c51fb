package io.dbbackup.engine.mysql;

/**
 * One object of a database as a statement, with the settings that the object remembers.
 *
 * @param sqlMode {@code sql_mode} for the statement, which may well be empty
 * @param collation {@code collation_connection} for the statement; empty for that of our sessions
 * @param databaseCollation that of the database when the object was created, by which it takes its parameters and variables; empty
 *     where that is the database's own
 * @param timeZone {@code time_zone} for the statement; empty for that of our sessions
 * @param written without a semicolon at its end; names no database where the server does not insist
 */
public record Definition(
        Kind kind, String name, String sqlMode, String collation, String databaseCollation, String timeZone, ClientText written) {
    /** Zero and impossible dates are taken as they are, and 0 is a value for a column that counts up. */
    public static final String SESSION_MODE = "NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES";

    public Definition {
        sqlMode = sqlMode == null ? "" : sqlMode;
        collation = collation == null ? "" : collation;
        databaseCollation = databaseCollation == null ? "" : databaseCollation;
        timeZone = timeZone == null ? "" : timeZone;
    }

    /** A statement of our own. */
    public Definition(Kind kind, String name, String sqlMode, String statement) {
        this(kind, name, sqlMode, "", "", "", ClientText.of(statement));
    }

    /** With the settings of our sessions. */
    public Definition(Kind kind, String name, String statement) {
        this(kind, name, SESSION_MODE, statement);
    }

    /** The same with another statement. */
    public Definition with(ClientText other) {
        return new Definition(kind, name, sqlMode, collation, databaseCollation, timeZone, other);
    }

    public String statement() {
        return written.text();
    }

    /** Kinds in the order of a restore. */
    public enum Kind {
        /** A role or an account; its name is as in GRANT. Only in the script with accounts, as the next two. */
        ACCOUNT(false),
        /** A privilege on the server or a whole database, or a role. */
        GRANT(false),
        /** A privilege on a table, column or routine; its name is that of the database. */
        OBJECT_GRANT(false),
        /** One of MySQL that is not the server's own; its name is its number. Only in sets of servers that have some. */
        SPATIAL_REFERENCE(false),
        SEQUENCE(false),
        SEQUENCE_VALUE(false),
        /** With its primary key; without other keys where these can wait. */
        TABLE(false),
        /** The other keys of a table. */
        KEYS(true),
        /** The default of a column that names a sequence, and so its database; in sets of older versions all those of a table. */
        DEFAULTS(true),
        FOREIGN_KEYS(true),
        ROUTINE(true),
        VIEW(true),
        TRIGGER(true),
        EVENT(true);

        private final boolean afterData;

        Kind(boolean afterData) {
            this.afterData = afterData;
        }

        public boolean afterData() {
            return afterData;
        }
    }
}
