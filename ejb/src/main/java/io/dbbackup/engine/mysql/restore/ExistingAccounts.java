package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.spi.RestoreContext;

/** Accounts that a restore was to create and finds there. Stateless. */
final class ExistingAccounts {
    private ExistingAccounts() {}

    /**
     * Warns of one that is not what the set says: somebody else has made it, or changed it since. An attempt that died leaves none of
     * these, since a server creates an account with all that belongs to it, or not at all. Roles have nothing that could differ.
     */
    static void warnUnlessSame(RestoreContext context, Sql sql, Definition account) {
        if (account.statement().startsWith("CREATE ROLE ") || same(sql, account)) {
            return;
        }
        // another release may show the same account in other words
        boolean certain = ServerRelease.of(sql).version().equals(context.set().manifest().server().version());
        context.warn("account " + account.name() + " is on " + context.target() + " by now, made or changed by somebody else"
                + (certain ? "" : " (or, since the server is of another release than the set, by an earlier attempt of this run)") + ": it keeps its"
                + " password and all that its CREATE USER in the set says otherwise, and gets the privileges of the set. If it is not"
                + " meant to have these, revoke them; if it is to be as in the set, execute its statement from "
                + AccountsItem.globals(context).name() + " of the set with ALTER USER instead of CREATE USER");
    }

    private static boolean same(Sql sql, Definition account) {
        ServerRelease release = ServerRelease.of(sql);
        String shown;
        try {
            sql.runAll(release.vendor().accountSettings(release.series(), release.version()));
            shown = release.vendor().shownAccount(sql, account.name());
        } catch (BackupException e) {
            if (e.code().retryable()) {
                throw e;
            }
            return false;
        }
        // of a set without passwords
        boolean lockedOnly = account.statement().equals("CREATE USER " + account.name() + " ACCOUNT LOCK");
        return lockedOnly ? shown.contains(" ACCOUNT LOCK") : shown.equals(account.statement());
    }
}
