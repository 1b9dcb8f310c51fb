package io.dbbackup.spi;

import io.dbbackup.model.Selection;
import java.util.List;

/**
 * What to back up and how.
 *
 * @param databases chosen databases; empty for the whole cluster with its globals
 * @param excludedDatabases left out of a whole cluster
 * @param partBytes no part of a table should exceed this many plain bytes: the distance between checkpoints
 * @param rolePasswords whether the globals hold the password hashes of roles
 * @param continueOnError a failing database does not stop the others
 * @param selection what of each database
 * @param reuse whether parts may be referred to that an earlier set holds, and parts are cut so that a later set may do so
 */
public record BackupSpec(
        List<String> databases,
        List<String> excludedDatabases,
        long partBytes,
        boolean rolePasswords,
        boolean continueOnError,
        Selection selection,
        boolean reuse) {
    public BackupSpec {
        databases = List.copyOf(databases);
        excludedDatabases = List.copyOf(excludedDatabases);
    }

    /** Everything is stored. */
    public BackupSpec(
            List<String> databases,
            List<String> excludedDatabases,
            long partBytes,
            boolean rolePasswords,
            boolean continueOnError,
            Selection selection) {
        this(databases, excludedDatabases, partBytes, rolePasswords, continueOnError, selection, false);
    }

    /** Everything of each database. */
    public BackupSpec(
            List<String> databases,
            List<String> excludedDatabases,
            long partBytes,
            boolean rolePasswords,
            boolean continueOnError) {
        this(databases, excludedDatabases, partBytes, rolePasswords, continueOnError, Selection.WHOLE);
    }

    /** Whether roles and tablespaces belong into the set: what is loaded into databases that exist needs none. */
    public boolean globals() {
        return wholeCluster() && selection.sections() != Selection.Sections.DATA;
    }

    public boolean wholeCluster() {
        return databases.isEmpty();
    }
}
