package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Account;
import io.dbbackup.engine.mysql.AccountGrants;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.Grant;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Accounts that a restore makes what they were, and that may do more: nothing is taken from them, it is named. Stateless. */
final class AccountsBeyond {
    /** Statements in a warning. */
    private static final int SHOWN = 20;

    private AccountsBeyond() {}

    /** @param accounts of the set that the target had before */
    static void warn(RestoreContext context, Sql sql, Vendor vendor, Set<String> accounts) {
        Map<String, List<Grant>> set = granted(context, accounts);
        for (String account : accounts) {
            try {
                List<String> revocations = ExcessPrivileges.revocations(
                        account, AccountGrants.of(sql, vendor, Account.of(account)), set.getOrDefault(account, List.of()));
                if (!revocations.isEmpty()) {
                    context.warn("account " + account + " may do more on " + context.target() + " than in the set. It keeps that, since somebody may need"
                            + " it; if nobody does, execute: " + String.join("; ", revocations.subList(0, Math.min(SHOWN, revocations.size())))
                            + (revocations.size() > SHOWN
                                    ? "; … (" + revocations.size() + " statements; compare SHOW GRANTS FOR " + account + " with "
                                            + AccountsItem.globals(context).name() + " of the set)"
                                    : ""));
                }
            } catch (BackupException e) {
                if (e.code().retryable()) {
                    throw e;
                }
                context.warn("account " + account + " may be able to do more on " + context.target() + " than in the set, which could not be found out: "
                        + Quoted.reason(e) + "; compare SHOW GRANTS FOR " + account + " with " + AccountsItem.globals(context).name() + " of the set");
            }
        }
    }

    /** What the set says that these accounts are granted. */
    static Map<String, List<Grant>> granted(RestoreContext context, Set<String> accounts) {
        Map<String, List<Grant>> granted = new HashMap<>();
        AccountsItem.read(context, definition -> {
            if (definition.kind() != Definition.Kind.ACCOUNT) {
                Optional<Grant> grant = Grant.of(definition.statement()).filter(found -> accounts.contains(found.grantee()));
                grant.ifPresent(found -> granted.computeIfAbsent(found.grantee(), account -> new ArrayList<>()).add(found));
            }
        });
        return granted;
    }
}
