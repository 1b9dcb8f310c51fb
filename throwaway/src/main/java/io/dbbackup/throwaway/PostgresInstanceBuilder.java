package io.dbbackup.throwaway;

import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Options of a {@link PostgresInstance}; everything has a default. Not thread-safe; build one instance per builder. */
public final class PostgresInstanceBuilder {

    private Optional<PostgresBinaries> binaries = Optional.empty();
    private Path parent = Path.of(System.getProperty("java.io.tmpdir"));
    private String superuser = "postgres";
    private String encoding = "UTF8";
    private String locale = "C";
    private boolean durable;
    private Optional<PostgresInstance> primary = Optional.empty();
    private Duration startTimeout = Duration.ofMinutes(2);
    private final Map<String, String> settings = new LinkedHashMap<>();
    private final List<String> initdbOptions = new ArrayList<>();

    PostgresInstanceBuilder() {}

    /** The server's programs; default: the newest version installed. */
    public PostgresInstanceBuilder binaries(PostgresBinaries value) {
        binaries = Optional.of(value);
        return this;
    }

    /**
     * Where the instance's directory is created; default: the JVM's directory for temporary files. When the JVM runs as
     * root, the whole path must be open (x) to the unprivileged server user.
     */
    public PostgresInstanceBuilder parent(Path value) {
        parent = value;
        return this;
    }

    /** Name of the bootstrap superuser; default {@code postgres}. */
    public PostgresInstanceBuilder superuser(String value) {
        superuser = value;
        return this;
    }

    /** Adds a line to {@code postgresql.conf}; overrides the instance's own defaults. */
    public PostgresInstanceBuilder setting(String name, String value) {
        settings.put(name, value);
        return this;
    }

    /** Adds several settings. */
    public PostgresInstanceBuilder settings(Map<String, String> values) {
        settings.putAll(values);
        return this;
    }

    /** Encoding of the template databases; default UTF8. */
    public PostgresInstanceBuilder encoding(String value) {
        encoding = value;
        return this;
    }

    /** Locale of the template databases; default {@code C}, the only one that exists everywhere. */
    public PostgresInstanceBuilder locale(String value) {
        locale = value;
        return this;
    }

    /** Another option for initdb, for example {@code --data-checksums}. Must not be a secret. */
    public PostgresInstanceBuilder initdbOption(String value) {
        initdbOptions.add(value);
        return this;
    }

    /** Whether data must survive a crash of the machine; default no (fsync off), which is several times faster. */
    public PostgresInstanceBuilder durable(boolean value) {
        durable = value;
        return this;
    }

    /**
     * Makes the server a hot standby of a running one, which must outlive it: its data directory is a copy made by
     * pg_basebackup, with that one's databases, superuser and password. Encoding, locale and initdb's options do not count.
     */
    public PostgresInstanceBuilder standbyOf(PostgresInstance value) {
        primary = Optional.of(value);
        binaries = Optional.of(value.binaries());
        superuser = value.user();
        return this;
    }

    /**
     * How long a starting server may give no answer at all; default two minutes. Crash recovery, which answers that it is
     * starting up, may take any time.
     */
    public PostgresInstanceBuilder startTimeout(Duration value) {
        startTimeout = value;
        return this;
    }

    /** Creates the data directory without starting the server. */
    public PostgresInstance create() {
        return new PostgresInstance(this);
    }

    /** Creates the data directory and starts the server. */
    public PostgresInstance start() {
        PostgresInstance instance = create();
        try {
            instance.start();
            return instance;
        } catch (RuntimeException e) {
            instance.destroy();
            throw e;
        }
    }

    PostgresBinaries binaries() {
        return binaries.orElseGet(PostgresBinaries::newest);
    }

    Optional<PostgresInstance> primary() {
        return primary;
    }

    Path parent() {
        return parent;
    }

    String superuser() {
        return superuser;
    }

    Duration startTimeout() {
        return startTimeout;
    }

    List<String> initdbArguments() {
        List<String> arguments = new ArrayList<>(List.of("--username=" + superuser, "--auth=scram-sha-256",
                "--encoding=" + encoding, "--locale=" + locale));
        if (!durable) {
            arguments.add("--no-sync");
        }
        arguments.addAll(initdbOptions);
        return arguments;
    }

    Map<String, String> configuration(Path socketDirectory) {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("listen_addresses", Postmaster.ADDRESS);
        all.put("unix_socket_directories", socketDirectory.toString());
        // Segments in the data directory: /dev/shm is small in containers, and a killed server would leave files there.
        all.put("dynamic_shared_memory_type", "mmap");
        if (!durable) {
            all.put("fsync", "off");
            all.put("synchronous_commit", "off");
            all.put("full_page_writes", "off");
        }
        all.putAll(settings);
        return all;
    }
}
