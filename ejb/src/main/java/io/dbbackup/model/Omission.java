package io.dbbackup.model;

/** What a backup leaves out because it was told to, or what was not there yet. A set with any of them never stands for a whole one. */
public enum Omission {
    /** Schema-only: no rows, no values of sequences, no large objects. */
    ALL_ROWS("schema only"),
    /** Data-only: nothing that would create a table; restored into tables that exist. */
    DEFINITIONS("data only"),
    /** Tables that the filters leave out are not in the set at all. */
    SOME_TABLES("some tables only"),
    /** Tables whose definition is in the set, but none of their rows. */
    ROWS_OF_TABLES("without the rows of some tables"),
    /** Rows that the sample did not choose. */
    SAMPLED("sample"),
    /** Databases that its policy takes, or without a policy its source has; those that are in the set are whole. */
    SOME_DATABASES("some databases only"),
    /** What a restore into the source had not brought yet: nobody intended that, and it may be nothing. */
    UNFINISHED_RESTORE("beside an unfinished restore");

    private final String text;

    Omission(String text) {
        this.text = text;
    }

    /** A few words for lists. */
    public String text() {
        return text;
    }
}
