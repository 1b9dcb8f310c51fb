package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Account;
import io.dbbackup.engine.mysql.Grant;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * MariaDB gives a role to whoever creates it, WITH ADMIN OPTION, and nobody without that can grant it. So a restore keeps it until it has
 * granted the role to others. Stateless.
 */
final class RoleAdmin {
    /** Names in a warning. */
    private static final int SHOWN = 10;

    private RoleAdmin() {}

    /**
     * Takes roles that this run has created away from its own account, unless the set gives them to it. Can be done again. A role that nobody
     * else could grant stays, with a warning: there would be no way back but to drop it.
     *
     * @param roles that were not there before this run
     */
    static void giveUp(RestoreContext context, Sql sql, Collection<String> roles) {
        if (roles.isEmpty()) {
            return;
        }
        Account self = Account.of(Quoted.currentUser(sql));
        Set<String> said = AccountsBeyond.granted(context, Set.of(self.quoted())).getOrDefault(self.quoted(), List.of()).stream()
                .map(Grant::statement).collect(Collectors.toSet());
        List<String> kept = new ArrayList<>();
        for (String role : roles) {
            String given = "GRANT " + role + " TO " + self.quoted();
            if (said.contains(given + " WITH ADMIN OPTION")) {
                continue;
            }
            try {
                if (!administers(sql, role, self)) {
                    continue;
                }
                if (othersAdminister(sql, role, self)) {
                    sql.run("REVOKE " + (said.contains(given) ? "ADMIN OPTION FOR " : "") + role + " FROM " + self.quoted());
                } else {
                    kept.add(role);
                }
            } catch (BackupException e) {
                if (e.code().retryable()) {
                    throw e;
                }
                kept.add(role);
            }
        }
        if (!kept.isEmpty()) {
            context.warn("account " + self.quoted() + " has " + kept.size() + " roles WITH ADMIN OPTION that it has created in this restore, and that the"
                    + " set does not give it: " + String.join(", ", kept.subList(0, Math.min(SHOWN, kept.size())))
                    + (kept.size() > SHOWN ? ", …" : "") + ". They were left to it, since no other account was found that could grant them. Grant each to whom"
                    + " it is due (GRANT … TO … WITH ADMIN OPTION), then execute REVOKE … FROM " + self.quoted());
        }
    }

    private static boolean administers(Sql sql, String role, Account self) {
        return sql.truth(
                "SELECT EXISTS (SELECT 1 FROM mysql.roles_mapping WHERE role = ? AND admin_option = 'Y' AND user = ? AND host = ?)",
                Account.of(role).user(), self.user(), self.host());
    }

    /** Accounts that exist: MariaDB also takes others for the administrators of roles. */
    private static boolean othersAdminister(Sql sql, String role, Account self) {
        return sql.truth(
                "SELECT EXISTS (SELECT 1 FROM mysql.roles_mapping AS r JOIN mysql.user AS u ON u.user = r.user AND u.host = r.host"
                        + " WHERE r.role = ? AND r.admin_option = 'Y' AND u.is_role = 'N' AND NOT (r.user = ? AND r.host = ?))",
                Account.of(role).user(), self.user(), self.host());
    }
}
