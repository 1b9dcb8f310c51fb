package io.dbbackup.model;

import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * A database server to talk to, with everything that a connection needs.
 *
 * @param name how messages call it
 * @param engine engine type, for example {@code postgresql}
 * @param host host name, address, or directory of a Unix socket
 * @param port TCP port
 * @param user login role
 * @param password supplies the password each time it is needed; empty when the server asks for none
 * @param maintenanceDatabase database to connect to for work on the server as a whole
 * @param options engine options, for example {@code sslmode} or {@code toolDirectory}
 * @param sparing whether connections to it are limited, so that none is kept idle
 */
public record Endpoint(
        String name,
        String engine,
        String host,
        int port,
        String user,
        Supplier<Optional<String>> password,
        String maintenanceDatabase,
        Map<String, String> options,
        boolean sparing) {
    public Endpoint {
        options = Map.copyOf(options);
    }

    /** A server with connections to spare. */
    public Endpoint(
            String name,
            String engine,
            String host,
            int port,
            String user,
            Supplier<Optional<String>> password,
            String maintenanceDatabase,
            Map<String, String> options) {
        this(name, engine, host, port, user, password, maintenanceDatabase, options, false);
    }

    public Optional<String> option(String key) {
        return Optional.ofNullable(options.get(key));
    }

    @Override
    public String toString() {
        return name + " (" + engine + " at " + host + ":" + port + " as " + user + ")";
    }
}
