package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Account;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.RestoreSpec;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The account that takes the place of all definers. Stateless. */
final class Definer {
    /** The host begins behind the last @, since a user's name may have one. */
    private static final Pattern ACCOUNT = Pattern.compile("(.*)@([^@]*)", Pattern.DOTALL);
    private static final Pattern QUOTED = Pattern.compile("(['`\"])(.*)\\1", Pattern.DOTALL);

    private Definer() {}

    /**
     * As statements name it.
     *
     * @param given {@code user@host}, or the name of a role; either part may be in quotes
     */
    static String quoted(String given) {
        Matcher matcher = ACCOUNT.matcher(given.strip());
        Account account = matcher.matches()
                ? new Account(plain(matcher.group(1)), plain(matcher.group(2)), false)
                : new Account(plain(given.strip()), "", true);
        if (account.user().isEmpty() || !account.role() && account.host().isEmpty() || account.everybody()) {
            throw new BackupException(
                    ErrorCode.INVALID_PARAMETER,
                    "definer is \"" + given + "\"",
                    "Give user@host, for example app@%, or the name of a role of MariaDB.");
        }
        return account.quoted();
    }

    private static String plain(String part) {
        Matcher matcher = QUOTED.matcher(part);
        return matcher.matches() ? matcher.group(2).replace(matcher.group(1).repeat(2), matcher.group(1)) : part;
    }

    /**
     * Looks whether it exists, or will when this restore has created accounts.
     *
     * @throws BackupException INVALID_PARAMETER, UNKNOWN_ACCOUNT
     */
    static void check(RestoreContext context, Sql sql) {
        context.spec().definer().ifPresent(given -> {
            String account = quoted(given);
            boolean created = context.spec().globals() != RestoreSpec.Globals.NONE
                    && context.set().manifest().globals().isPresent() && AccountsItem.names(context).contains(account);
            if (!created && !AccountsItem.existing(sql).contains(account)) {
                throw new BackupException(
                        ErrorCode.UNKNOWN_ACCOUNT,
                        context.target() + " has no account " + account + ", and this restore creates none",
                        "Create it, or give another definer; user and host must be exactly those of an account.");
            }
        });
    }
}
