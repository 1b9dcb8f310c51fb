package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Vendor;
import java.util.List;
import java.util.stream.Stream;

/**
 * What CREATE USER does not say has its default, and what ALTER USER does not say stays. MariaDB's SHOW CREATE USER says nothing that has
 * its default; MySQL's says everything but limits. Stateless.
 */
final class AccountOptions {
    private static final String REQUIRE = " REQUIRE ";
    private static final String LIMITS = " WITH MAX_";
    private static final String LOCK = " ACCOUNT ";
    private static final String EXPIRE = " PASSWORD EXPIRE";
    private static final List<String> COUNTS =
            List.of("MAX_QUERIES_PER_HOUR", "MAX_UPDATES_PER_HOUR", "MAX_CONNECTIONS_PER_HOUR", "MAX_USER_CONNECTIONS");

    /** The accounts by which people and packages look after a server, and its own. */
    private static final List<String> SERVERS = List.of("`root`@", "`mysql`@", "`debian-sys-maint`@", "`mysql.", "`mariadb.");

    private AccountOptions() {}

    /** Whether a server may need an account as it is, so that a restore changes no more of it than what the set says. */
    static boolean isServers(String name) {
        return SERVERS.stream().anyMatch(name::startsWith);
    }

    /**
     * The statement that makes an existing account what a CREATE USER would make a new one.
     *
     * @param create as SHOW CREATE USER said it; in a set without passwords it is a name with a lock, and all else about the account stays
     */
    static String alter(Vendor vendor, String name, String create) {
        String alter = create.replaceFirst("CREATE USER ", "ALTER USER ");
        if (create.equals("CREATE USER " + name + " ACCOUNT LOCK")) {
            return alter;
        }
        // servers want them in this order, but for the last two
        String masked = Quoting.masked(alter);
        if (!masked.contains(REQUIRE)) {
            alter = insert(alter, first(masked, LIMITS, LOCK, EXPIRE), " REQUIRE NONE");
        }
        alter = limits(vendor, alter);
        return alter + (masked.contains(LOCK) ? "" : " ACCOUNT UNLOCK") + (masked.contains(EXPIRE) ? "" : EXPIRE + " DEFAULT");
    }

    private static String limits(Vendor vendor, String alter) {
        String masked = Quoting.masked(alter);
        List<String> lacking = Stream.concat(
                        COUNTS.stream(), vendor == Vendor.MARIADB ? Stream.of("MAX_STATEMENT_TIME") : Stream.empty())
                .filter(limit -> !masked.contains(" " + limit + " ")).map(limit -> " " + limit + " 0").toList();
        int given = masked.indexOf(LIMITS);
        if (lacking.isEmpty()) {
            return alter;
        }
        return given < 0
                ? insert(alter, first(masked, LOCK, EXPIRE), " WITH" + String.join("", lacking))
                : insert(alter, given + " WITH".length(), String.join("", lacking));
    }

    private static int first(String masked, String... clauses) {
        return Stream.of(clauses).mapToInt(masked::indexOf).filter(at -> at >= 0).min().orElse(masked.length());
    }

    private static String insert(String text, int at, String more) {
        return text.substring(0, at) + more + text.substring(at);
    }
}
