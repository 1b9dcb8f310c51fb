package io.dbbackup.engine.mysql;

import com.fasterxml.jackson.annotation.JsonInclude;

/**
 * One object of a database as a statement, with the settings that the object remembers.
 *
 * @param sqlMode {@code sql_mode} for the statement; empty for that of our sessions
 * @param collation {@code collation_connection} for the statement; empty for that of our sessions
 * @param timeZone {@code time_zone} for the statement; empty for that of our sessions
 * @param statement without a semicolon at its end; names no database where the server does not insist
 */
@JsonInclude(JsonInclude.Include.NON_EMPTY)
public record Definition(
        Kind kind, String name, String sqlMode, String collation, String timeZone, String statement) {
    public Definition {
        sqlMode = sqlMode == null ? "" : sqlMode;
        collation = collation == null ? "" : collation;
        timeZone = timeZone == null ? "" : timeZone;
    }

    /** With the settings of our sessions. */
    public Definition(Kind kind, String name, String statement) {
        this(kind, name, "", "", "", statement);
    }

    /** Kinds in the order of a restore. */
    public enum Kind {
        SEQUENCE(false),
        SEQUENCE_VALUE(false),
        /** With its primary key; without other keys where these can wait. */
        TABLE(false),
        /** The other keys of a table. */
        KEYS(true),
        /** Default values that name a sequence, which names its database. */
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
