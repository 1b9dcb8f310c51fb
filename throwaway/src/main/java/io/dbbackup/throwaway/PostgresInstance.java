package io.dbbackup.throwaway;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * A throwaway PostgreSQL server of its own data directory, on 127.0.0.1 and a free port, with a random superuser password.
 * It lives until {@link #close()}, or at the latest until the JVM ends; what a killed JVM leaves behind is removed by
 * {@link ThrowawayDirectories#sweep}.
 *
 * <p>When the JVM runs as root, the server runs as an unprivileged user (postgres, else nobody). Thread-safe: life cycle
 * methods exclude each other.
 *
 * <pre>{@code
 * try (PostgresInstance server = PostgresInstance.builder().setting("work_mem", "64MB").start()) {
 *     server.psql("postgres", "CREATE DATABASE shop");
 * }
 * }</pre>
 */
public final class PostgresInstance implements AutoCloseable {

    private final PostgresInstanceBuilder options;
    private final PostgresBinaries binaries;
    private final String password;
    private final ServerUser serverUser;
    private final Path directory;
    private final Path socketDirectory;
    private final Thread shutdownHook = new Thread(this::destroyQuietly, "destroy throwaway PostgreSQL");

    private Optional<Postmaster> postmaster = Optional.empty();
    private volatile int port;
    private boolean destroyed;

    PostgresInstance(PostgresInstanceBuilder options) {
        this.options = options;
        this.binaries = options.binaries();
        this.password = options.primary().map(PostgresInstance::password).orElseGet(RandomPassword::next);
        this.serverUser = ServerUser.forThisJvm();
        this.directory = ThrowawayDirectories.create(options.parent(), serverUser, binaries.directory());
        Runtime.getRuntime().addShutdownHook(shutdownHook);
        try {
            this.socketDirectory = new ClusterInitialisation(options, binaries, serverUser, directory).run(password);
        } catch (RuntimeException e) {
            destroy();
            throw e;
        }
    }

    /** Where every throwaway server begins. */
    public static PostgresInstanceBuilder builder() {
        return new PostgresInstanceBuilder();
    }

    /**
     * Starts the server and returns when it accepts connections. A server that runs already stays as it is. After
     * {@link #stop()} or {@link #kill()} the port stays the same unless someone else has taken it meanwhile.
     *
     * @throws ThrowawayException when the server ends or does not answer, with the end of its log
     */
    public synchronized void start() {
        if (destroyed) {
            throw new ThrowawayException("the throwaway server in " + directory + " has been destroyed; build a new one");
        }
        if (isRunning()) {
            return;
        }
        Postmaster started = Postmaster.start(binaries, serverUser, dataDirectory(), socketDirectory, logFile(), port,
                options.startTimeout());
        postmaster = Optional.of(started);
        port = started.port();
    }

    /** Shuts down in PostgreSQL's <em>fast</em> mode: sessions are ended, everything is written. No-op when not running. */
    public synchronized void stop() {
        if (isRunning()) {
            postmaster.orElseThrow().stop("fast");
        }
        postmaster = Optional.empty();
    }

    /** SIGKILL for the server and all its processes, as if the machine had lost power. Can be started again. */
    public synchronized void kill() {
        postmaster.ifPresent(Postmaster::kill);
        postmaster = Optional.empty();
    }

    /** Ends the server without a checkpoint and deletes everything it had. Can be called twice. */
    public synchronized void destroy() {
        if (destroyed) {
            return;
        }
        destroyed = true;
        if (isRunning()) {
            postmaster.orElseThrow().stop("immediate");
        }
        postmaster = Optional.empty();
        Postmaster.removeSharedMemory(dataDirectory(), serverUser);
        if (socketDirectory != null && !socketDirectory.startsWith(directory)) {
            ThrowawayDirectories.delete(socketDirectory);
        }
        ThrowawayDirectories.delete(directory);
        forgetShutdownHook();
    }

    /** The same as {@link #destroy()}. */
    @Override
    public void close() {
        destroy();
    }

    public synchronized boolean isRunning() {
        return postmaster.map(Postmaster::isAlive).orElse(false);
    }

    /** Runs a script through psql as superuser, see {@link PostgresEndpoint#psql(String, String)}. */
    public String psql(String database, String script) {
        return endpoint().psql(database, script);
    }

    /** Where the running server answers, as superuser. Stays valid until the next start. */
    public PostgresEndpoint endpoint() {
        if (port == 0) {
            throw new ThrowawayException("the throwaway server in " + directory + " has not been started yet");
        }
        return new PostgresEndpoint(binaries, host(), port, user(), password);
    }

    public String host() {
        return Postmaster.ADDRESS;
    }

    public int port() {
        return endpoint().port();
    }

    /** Name of the superuser. */
    public String user() {
        return options.superuser();
    }

    public String password() {
        return password;
    }

    /** Directory of the unix socket; only the server's user (and root) can enter it. */
    public Path socketDir() {
        return socketDirectory;
    }

    /** See {@link PostgresEndpoint#conninfo}. */
    public String conninfo(String database) {
        return endpoint().conninfo(database);
    }

    /** See {@link PostgresEndpoint#jdbcUrl}. */
    public String jdbcUrl(String database) {
        return endpoint().jdbcUrl(database);
    }

    public int majorVersion() {
        return binaries.majorVersion();
    }

    public PostgresBinaries binaries() {
        return binaries;
    }

    public Path dataDirectory() {
        return directory.resolve("data");
    }

    public Path logFile() {
        return directory.resolve("server.log");
    }

    /** The end of the server's log, at most 8 KiB; empty before the first start. */
    public String logTail() {
        return Files.exists(logFile()) ? Postmaster.tail(logFile()) : "";
    }

    private void destroyQuietly() {
        try {
            destroy();
        } catch (RuntimeException e) {
            // The JVM is going down: there is nobody left to tell, and the next sweep tries again.
        }
    }

    private void forgetShutdownHook() {
        if (!Objects.equals(Thread.currentThread(), shutdownHook)) {
            try {
                Runtime.getRuntime().removeShutdownHook(shutdownHook);
            } catch (IllegalStateException e) {
                // The JVM is going down already.
            }
        }
    }

    @Override
    public String toString() {
        return "PostgreSQL " + majorVersion() + " in " + directory + (port == 0 ? "" : " on port " + port);
    }
}
