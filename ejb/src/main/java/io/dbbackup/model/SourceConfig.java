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
 * @param maxConnections that all runs together may have to the server; empty: not limited
 * @param bandwidth of everything that all runs together read from the server and write to it
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
        boolean requireEncryption,
        Optional<Integer> maxConnections,
        Optional<Bandwidth> bandwidth) {
    public SourceConfig {
        options = Map.copyOf(options);
        // a source that was configured before there were limits has none
        maxConnections = maxConnections == null ? Optional.empty() : maxConnections;
        bandwidth = bandwidth == null ? Optional.empty() : bandwidth;
    }

    /** A source without limits. */
    public SourceConfig(
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
        this(
                name, engine, host, port, user, password, maintenanceDatabase, zone, options, requireEncryption,
                Optional.empty(), Optional.empty());
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
