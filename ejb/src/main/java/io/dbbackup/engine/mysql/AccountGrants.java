package io.dbbackup.engine.mysql;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** What an account or a role is granted itself. Stateless. */
public final class AccountGrants {
    private static final String PROXY = "GRANT PROXY ON ";

    private AccountGrants() {}

    /**
     * Privileges, roles and default roles, in the server's words.
     *
     * @throws io.dbbackup.model.BackupException when the server does not know the account, or does not tell
     */
    public static List<Grant> of(Sql sql, Vendor vendor, Account account) {
        List<String> lines = new ArrayList<>(sql.shown("SHOW GRANTS FOR " + account.quoted()));
        lines.replaceAll(Certificates.mending(sql, account));
        lines.removeIf(line -> line.startsWith(PROXY));
        lines.addAll(proxies(sql, account));
        lines.addAll(vendor.defaultRoles(sql, account));
        // a role's list also holds what the roles that are granted to it may do
        return lines.stream().map(Grant::of).flatMap(Optional::stream)
                .filter(grant -> grant.grantee().equals(account.quoted())).toList();
    }

    /**
     * Whom it may act as. Many releases (MySQL 8.0.12, MariaDB 11.4.5) write these names between apostrophes in SHOW GRANTS, and an
     * apostrophe in a name as it is, so that nobody can tell where the name ends.
     */
    private static List<String> proxies(Sql sql, Account account) {
        return account.role()
                ? List.of()
                : sql.list(
                        "SELECT proxied_user, proxied_host, with_grant FROM mysql.proxies_priv WHERE user = ? AND host = ?"
                                + " ORDER BY proxied_user, proxied_host",
                        row -> PROXY + new Account(row.getString(1), row.getString(2), false).quoted() + " TO " + account.quoted()
                                + (row.getBoolean(3) ? " WITH GRANT OPTION" : ""),
                        account.user(), account.host());
    }
}
