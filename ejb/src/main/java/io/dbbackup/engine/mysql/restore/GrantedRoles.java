package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Account;
import io.dbbackup.engine.mysql.AccountGrants;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.Grant;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Roles of MariaDB that accounts have on the target already: they may have them from an attempt that could grant them, which another one
 * cannot that comes after {@link RoleAdmin}. Not thread-safe.
 *
 * @param existing accounts that were there when the attempt began
 */
record GrantedRoles(Sql sql, Set<String> existing, Map<String, Set<String>> held) {
    private static final String ADMIN = " WITH ADMIN OPTION";

    GrantedRoles(Sql sql, Set<String> existing) {
        this(sql, existing, new HashMap<>());
    }

    /** @param grant of a set; false for what is no role */
    boolean contain(Definition grant) {
        String masked = Quoting.masked(grant.statement());
        if (!existing.contains(grant.name()) || !masked.startsWith("GRANT ") || masked.contains(" ON ")) {
            return false;
        }
        Set<String> has = held.computeIfAbsent(grant.name(), this::statements);
        return has.contains(grant.statement()) || has.contains(grant.statement() + ADMIN);
    }

    private Set<String> statements(String account) {
        try {
            return AccountGrants.of(sql, Vendor.MARIADB, Account.of(account)).stream().map(Grant::statement).collect(Collectors.toSet());
        } catch (BackupException e) {
            if (e.code().retryable()) {
                throw e;
            }
            return Set.of();
        }
    }
}
