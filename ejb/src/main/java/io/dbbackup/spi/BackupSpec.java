package io.dbbackup.spi;

import java.util.List;

/**
 * What to back up and how.
 *
 * @param databases chosen databases; empty for the whole cluster with its globals
 * @param excludedDatabases left out of a whole cluster
 * @param partBytes no part of a table should exceed this many plain bytes: the distance between checkpoints
 * @param rolePasswords whether the globals hold the password hashes of roles
 * @param continueOnError a failing database does not stop the others
 */
public record BackupSpec(
        List<String> databases,
        List<String> excludedDatabases,
        long partBytes,
        boolean rolePasswords,
        boolean continueOnError) {
    public BackupSpec {
        databases = List.copyOf(databases);
        excludedDatabases = List.copyOf(excludedDatabases);
    }

    public boolean wholeCluster() {
        return databases.isEmpty();
    }
}
