package io.dbbackup.engine.mysql;

/**
 * An account of a server.
 *
 * @param host empty for MariaDB's roles
 * @param role whether it is a role of MariaDB; those of MySQL are accounts that are locked
 */
public record Account(String user, String host, boolean role) {
    /** MariaDB's role that everybody has and nobody creates. */
    public static final String EVERYBODY = "PUBLIC";

    /** @param quoted as {@link #quoted()} makes it */
    public static Account of(String quoted) {
        if (quoted.equals(EVERYBODY)) {
            return new Account(EVERYBODY, "", true);
        }
        int at = Quoting.masked(quoted).indexOf('@');
        return at < 0
                ? new Account(plain(quoted), "", true)
                : new Account(plain(quoted.substring(0, at)), plain(quoted.substring(at + 1)), false);
    }

    private static String plain(String identifier) {
        return identifier.substring(1, identifier.length() - 1).replace("``", "`");
    }

    /** As SHOW GRANTS writes it. */
    public String quoted() {
        if (everybody()) {
            return EVERYBODY;
        }
        return Quoting.identifier(user) + (role ? "" : "@" + Quoting.identifier(host));
    }

    /** Whether it is {@link #EVERYBODY}. */
    public boolean everybody() {
        return role && user.equals(EVERYBODY);
    }
}
