package io.dbbackup.model;

import java.util.Map;

/**
 * What a server said about itself.
 *
 * @param engine engine type
 * @param version full version text
 * @param major major version, for example 15
 * @param systemId identity of the instance (PostgreSQL: the system identifier)
 * @param zone IANA id of the server's time zone
 * @param details engine facts worth keeping, for example {@code encoding}
 */
public record ServerFacts(
        String engine, String version, int major, String systemId, String zone, Map<String, String> details) {
    /** Detail: how many databases the server has that a backup of all would take, as far as the account sees them. */
    public static final String DATABASES = "databasesOfServer";

    public ServerFacts {
        details = Map.copyOf(details);
    }
}
