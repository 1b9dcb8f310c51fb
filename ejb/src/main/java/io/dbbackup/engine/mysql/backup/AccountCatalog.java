package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Account;
import io.dbbackup.engine.mysql.AccountGrants;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.Definition.Kind;
import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Plural;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/** Accounts, roles and what they may do, as statements. What cannot be read is a warning. */
final class AccountCatalog {
    private static final int NO_SUCH_ACCOUNT = 1133;
    private static final int NO_SUCH_GRANT = 1141;
    /** Names in a warning. */
    private static final int SHOWN = 20;

    private final Sql sql;
    private final ServerRelease release;
    private final Vendor vendor;
    private final boolean passwords;
    private final Consumer<String> warnings;

    AccountCatalog(Sql sql, ServerRelease release, boolean passwords, Consumer<String> warnings) {
        this.sql = sql;
        this.release = release;
        this.vendor = release.vendor();
        this.passwords = passwords;
        this.warnings = warnings;
    }

    /** Roles, then accounts, then what they are granted. */
    List<Definition> read() {
        sql.runAll(vendor.accountSettings(release.series(), release.version()));
        List<Account> accounts = sql.list(
                vendor.accounts(), row -> new Account(row.getString(1), row.getString(2), row.getBoolean(3)));
        List<Definition> definitions = new ArrayList<>();
        List<String> unknown = new ArrayList<>();
        for (Account account : accounts) {
            try {
                create(account, definitions);
                grants(account, definitions);
            } catch (BackupException e) {
                if (e.code().retryable() || MysqlErrors.ofTheMoment(e)) {
                    throw e;
                }
                if (account.everybody() && (is(e, NO_SUCH_GRANT) || is(e, NO_SUCH_ACCOUNT))) {
                    // may nothing
                    continue;
                }
                if (is(e, NO_SUCH_ACCOUNT)) {
                    unknown.add(account.quoted());
                    continue;
                }
                warnings.accept("account " + account.quoted() + " is not wholly in the backup: " + e.problem().cause());
            }
        }
        if (!unknown.isEmpty()) {
            // a server that looks no names up keeps accounts whose host is a name in its table and does not know them
            warnings.accept(Plural.of(unknown.size(), "account is", "accounts are") + " not wholly in the backup, since the server keeps them and does"
                    + " not know them (with skip_name_resolve, those whose host is a name): "
                    + String.join(", ", unknown.subList(0, Math.min(SHOWN, unknown.size())))
                    + (unknown.size() > SHOWN ? ", …" : ""));
        }
        return definitions;
    }

    private static boolean is(BackupException e, int code) {
        return e.getCause() instanceof SQLException origin && origin.getErrorCode() == code;
    }

    private void create(Account account, List<Definition> definitions) {
        if (account.everybody()) {
            return;
        }
        String statement;
        if (account.role()) {
            statement = "CREATE ROLE " + account.quoted();
        } else if (passwords) {
            statement = vendor.shownAccount(sql, account.quoted());
        } else {
            // without a password everybody could come in
            statement = "CREATE USER " + account.quoted() + " ACCOUNT LOCK";
        }
        definitions.add(new Definition(Kind.ACCOUNT, account.quoted(), vendor.accountMode(), statement));
    }

    private void grants(Account account, List<Definition> definitions) {
        AccountGrants.of(sql, vendor, account).forEach(grant -> definitions.add(new Definition(
                grant.database().isPresent() ? Kind.OBJECT_GRANT : Kind.GRANT,
                grant.database().orElse(account.quoted()), grant.mode(vendor.accountMode()), grant.statement())));
    }
}
