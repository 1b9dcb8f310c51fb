package io.dbbackup.model;

import java.util.Map;
import java.util.Optional;

/**
 * A database server to back up, or to restore into.
 *
 * @param maintenanceDatabase database to connect to for work on the server as a whole
 * @param zone IANA time zone that its calendar days follow; empty: ask the server
 * @param requireEncryption whether backups of it that are not encrypted are refused
 * @param options engine options, for example {@code sslmode}, {@code toolDirectory}
 */
public record SourceConfig(
        String name,
        String engine,
        String host,
        int port,
        String user,
        Optional<SecretRef> password,
        String maintenanceDatabase,
        Optional<String> zone,
        Map<String, String> options,
        boolean requireEncryption) {
    public SourceConfig {
        options = Map.copyOf(options);
    }

    public SourceConfig(
            String name,
            String engine,
            String host,
            int port,
            String user,
            Optional<SecretRef> password,
            String maintenanceDatabase,
            Optional<String> zone,
            Map<String, String> options) {
        this(name, engine, host, port, user, password, maintenanceDatabase, zone, options, false);
    }
}
