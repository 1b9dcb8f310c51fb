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
