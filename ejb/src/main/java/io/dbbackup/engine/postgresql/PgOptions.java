package io.dbbackup.engine.postgresql;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The options of a PostgreSQL source or target, checked and typed. */
public final class PgOptions {
    /** Options that pgjdbc and libpq call by the same name. */
    static final List<String> SSL = List.of("sslmode", "sslrootcert", "sslcert", "sslkey");

    static final String TOOL_DIRECTORY = "toolDirectory";
    static final String CONNECT_TIMEOUT = "connectTimeoutSeconds";
    static final String LOCK_TIMEOUT = "lockTimeoutSeconds";
    private static final Set<String> SSL_MODES =
            Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

    private PgOptions() {}

    /** @throws BackupException INVALID_CONFIGURATION naming the option */
    public static void validate(Map<String, String> options) {
        options.forEach((key, value) -> {
            switch (key) {
                case "sslmode" -> {
                    if (!SSL_MODES.contains(value)) {
                        throw invalid(key, value, "Use disable, allow, prefer, require, verify-ca or verify-full.");
                    }
                }
                case CONNECT_TIMEOUT, LOCK_TIMEOUT -> seconds(key, value);
                case TOOL_DIRECTORY, "sslrootcert", "sslcert", "sslkey" -> {
                    if (value.isBlank()) {
                        throw invalid(key, value, "Give a path or leave the option out.");
                    }
                }
                default -> throw new BackupException(
                        ErrorCode.INVALID_CONFIGURATION,
                        "PostgreSQL has no option \"" + key + "\"",
                        "Use sslmode, sslrootcert, sslcert, sslkey, " + TOOL_DIRECTORY + ", " + CONNECT_TIMEOUT
                                + " or " + LOCK_TIMEOUT + ".");
            }
        });
    }

    /** How long to wait for a server that does not answer a new connection. */
    static Duration connectTimeout(Endpoint endpoint) {
        return endpoint.option(CONNECT_TIMEOUT).map(v -> seconds(CONNECT_TIMEOUT, v)).orElse(Duration.ofSeconds(15));
    }

    /** How long a backup waits for a table that another session has locked exclusively. */
    public static Duration lockTimeout(Endpoint endpoint) {
        return endpoint.option(LOCK_TIMEOUT).map(v -> seconds(LOCK_TIMEOUT, v)).orElse(Duration.ofMinutes(5));
    }

    private static Duration seconds(String key, String value) {
        if (!value.matches("[1-9][0-9]{0,5}")) {
            throw invalid(key, value, "Give a whole number of seconds from 1 to 999999.");
        }
        return Duration.ofSeconds(Long.parseLong(value));
    }

    private static BackupException invalid(String key, String value, String remedy) {
        return new BackupException(
                ErrorCode.INVALID_CONFIGURATION,
                "option \"" + key + "\" of a PostgreSQL server has the value \"" + value + "\"",
                remedy);
    }
}
