package io.dbbackup.engine.mysql;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** The options of a MySQL or MariaDB source or target, checked and typed. */
public final class MysqlOptions {
    /** As Connector/J calls it. */
    static final String SSL_MODE = "sslMode";

    /** A PEM file with the certificates of those who may have signed the server's. Without it Java's own certificates count. */
    static final String CA = "sslCa";

    /**
     * As Connector/J calls it: a PEM file with the server's RSA key, with which {@code caching_sha2_password} encrypts passwords
     * where there is no TLS. The key is never taken from the server itself (the driver's allowPublicKeyRetrieval): who sits in
     * between would give its own, and read the password.
     */
    static final String PUBLIC_KEY = "serverRSAPublicKeyFile";

    static final String CONNECT_TIMEOUT = "connectTimeoutSeconds";

    /** The time zone in which the applications' sessions compute generated columns, where it is not the server's. */
    static final String GENERATED_ZONE = "generatedTimeZone";

    private static final Set<String> SSL_MODES =
            Set.of("DISABLED", "PREFERRED", "REQUIRED", "VERIFY_CA", "VERIFY_IDENTITY");

    private static final String DEFAULT_MODE = "PREFERRED";

    /** Those that look at the server's certificate. */
    private static final Set<String> VERIFYING = Set.of("VERIFY_CA", "VERIFY_IDENTITY");

    private MysqlOptions() {}

    /** @throws BackupException INVALID_CONFIGURATION naming the option */
    static void validate(Map<String, String> options) {
        options.forEach((key, value) -> {
            switch (key) {
                case SSL_MODE -> {
                    if (!SSL_MODES.contains(value)) {
                        throw invalid(key, value, "Use DISABLED, PREFERRED, REQUIRED, VERIFY_CA or VERIFY_IDENTITY.");
                    }
                }
                case PUBLIC_KEY, CA -> {
                    if (value.isBlank()) {
                        throw invalid(key, value, "Give a path or leave the option out.");
                    }
                }
                case CONNECT_TIMEOUT -> seconds(key, value);
                case GENERATED_ZONE -> {
                    if (!value.matches("[A-Za-z0-9_+:/-]{1,64}")) {
                        throw invalid(key, value, "Give an offset such as +01:00, or a name that the server knows, such as Europe/Berlin.");
                    }
                }
                default -> throw new BackupException(
                        ErrorCode.INVALID_CONFIGURATION,
                        "MySQL and MariaDB have no option \"" + key + "\"",
                        "Use " + SSL_MODE + ", " + CA + ", " + PUBLIC_KEY + ", " + CONNECT_TIMEOUT + " or " + GENERATED_ZONE + ".");
            }
        });
    }

    /** @throws BackupException INVALID_CONFIGURATION where nobody would look at the certificate */
    static void validateTogether(Map<String, String> options) {
        if (options.containsKey(CA) && !VERIFYING.contains(options.getOrDefault(SSL_MODE, DEFAULT_MODE))) {
            throw new BackupException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "option \"" + CA + "\" of a MySQL or MariaDB server is of no use with " + SSL_MODE + "="
                            + options.getOrDefault(SSL_MODE, DEFAULT_MODE) + ", which takes any certificate",
                    "Set " + SSL_MODE + " to VERIFY_IDENTITY, or to VERIFY_CA where the certificate does not name the host.");
        }
    }

    static String sslMode(Endpoint endpoint) {
        return endpoint.option(SSL_MODE).orElse(DEFAULT_MODE);
    }

    /** How long to wait for a server that does not answer a new connection. */
    static Duration connectTimeout(Endpoint endpoint) {
        return endpoint.option(CONNECT_TIMEOUT).map(v -> seconds(CONNECT_TIMEOUT, v)).orElse(Duration.ofSeconds(15));
    }

    /** In which time zone the sessions of applications compute generated columns, where it is not the server's. */
    public static Optional<String> generatedZone(Endpoint endpoint) {
        return endpoint.option(GENERATED_ZONE);
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
                "option \"" + key + "\" of a MySQL or MariaDB server has the value \"" + value + "\"",
                remedy);
    }
}
