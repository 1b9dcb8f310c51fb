package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.util.HashSet;
import java.util.Set;
import java.util.TreeSet;

/** Refuses a restore into a server that does not know a collation of the set: tables of another order have other keys. */
final class CollationCheck {
    private final RestoreContext context;
    private final Sql sql;

    CollationCheck(RestoreContext context, Sql sql) {
        this.context = context;
        this.sql = sql;
    }

    void run() {
        Set<String> missing = new TreeSet<>();
        RestoreTarget.all(context).forEach(target -> missing.addAll(target.properties(context).collations()));
        missing.removeAll(new HashSet<>(sql.list(ServerRelease.of(sql).vendor().collations(), row -> row.getString(1))));
        if (!missing.isEmpty()) {
            throw new BackupException(
                    ErrorCode.DATABASE_LOCALE_MISSING,
                    context.target() + " does not know the collations " + String.join(", ", missing),
                    "Restore into a release that has them; collations of your own (Index.xml in character_sets_dir) have to be"
                            + " added to that server first.");
        }
    }
}
