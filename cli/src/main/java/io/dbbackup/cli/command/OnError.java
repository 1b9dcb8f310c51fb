package io.dbbackup.cli.command;

/** What a failing database means for the others. */
enum OnError {
    STOP,
    CONTINUE;

    @Override
    public String toString() {
        return name().toLowerCase(java.util.Locale.ROOT);
    }
}
