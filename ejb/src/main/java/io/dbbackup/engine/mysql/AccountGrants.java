package io.dbbackup.engine.mysql;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What an account or a role is granted itself. Stateless. */
public final class AccountGrants {
    /** Names in a message. */
    private static final int SHOWN = 5;
    private static final String PROXY = "GRANT PROXY ON ";

    private AccountGrants() {}

    /**
     * Privileges, roles and default roles, in the server's words.
     *
     * @throws BackupException when the server does not know the account, or does not tell, or tells what is not understood
     */
    public static List<Grant> of(Sql sql, Vendor vendor, Account account) {
        List<String> lines = new ArrayList<>(sql.shown("SHOW GRANTS FOR " + account.quoted()));
        lines.replaceAll(Certificates.mending(sql, account));
        requireOwn(lines, account);
        lines.removeIf(line -> line.startsWith(PROXY));
        lines.addAll(proxies(sql, account));
        lines.addAll(vendor.defaultRoles(sql, account));
        return own(lines, account).toList();
    }

    private static Stream<Grant> own(List<String> lines, Account account) {
        // a role's list also holds what the roles that are granted to it may do
        return lines.stream().map(Grant::of).flatMap(Optional::stream).filter(grant -> grant.grantee().equals(account.quoted()));
    }

    /**
     * The servers say something of every account, if only that it may nothing: without a line of its own there is a form of SHOW GRANTS
     * that is not understood here, and an account would look like one that may nothing.
     */
    static void requireOwn(List<String> lines, Account account) {
        if (own(lines, account).findAny().isEmpty()) {
            // the rest of a line may hold the hash of a password
            String others = lines.stream().map(Grant::of).flatMap(Optional::stream).map(Grant::grantee).distinct().limit(SHOWN)
                    .collect(Collectors.joining(", "));
            throw new BackupException(
                    ErrorCode.DATABASE_STATEMENT_FAILED,
                    "none of the " + lines.size() + " lines of SHOW GRANTS FOR " + account.quoted() + " is known to be about it"
                            + (others.isEmpty() ? "" : "; they are about " + others),
                    "Look at what SHOW GRANTS FOR " + account.quoted() + " says, and grant that on the target yourself.");
        }
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
