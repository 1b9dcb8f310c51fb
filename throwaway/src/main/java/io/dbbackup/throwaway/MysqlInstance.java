package io.dbbackup.throwaway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A throwaway MariaDB or MySQL server, on 127.0.0.1 and a free port, with a random password for {@code root}. Lives until {@link #close()}, at the latest until the JVM ends; what a killed
 * JVM leaves behind is removed by {@link ThrowawayDirectories#sweep}. When the JVM runs as root, the server runs as an
 * unprivileged user. Not durable: a crash of the machine may lose data. Thread-safe.
 */
public final class MysqlInstance implements AutoCloseable {
    private static final Duration START_TIMEOUT = Duration.ofMinutes(2);

    private final MysqlPrograms programs;
    private final ServerUser serverUser = ServerUser.forThisJvm();
    private final String password = RandomPassword.next();
    private final Path directory;
    private final Map<String, String> settings;
    private final Thread shutdownHook = new Thread(this::closeQuietly, "destroy throwaway MySQL");
    private Optional<MysqlProcess> process = Optional.empty();
    private volatile int port;
    private boolean closed;

    private MysqlInstance(
            MysqlPrograms programs, Path parent, Map<String, String> fixed, Map<String, String> settings) {
        this.programs = programs;
        this.settings = new LinkedHashMap<>(fixed);
        this.settings.putAll(settings);
        directory = ThrowawayDirectories.create(parent, serverUser, programs.server().getParent());
        Runtime.getRuntime().addShutdownHook(shutdownHook);
        try {
            initialise(options(fixed));
            start(START_TIMEOUT);
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    /** Starts a MariaDB of this machine with further settings, for example {@code log-bin} to {@code binlog}. */
    public static MysqlInstance start(Map<String, String> settings) {
        return start(
                MysqlPrograms.ofMariadb(), Path.of(System.getProperty("java.io.tmpdir")), Map.of(), settings);
    }

    /** Starts a MariaDB as it comes. */
    public static MysqlInstance start() {
        return start(Map.of());
    }

    /**
     * Starts a server.
     *
     * @param parent directory for its own
     * @param fixed settings that hold from its creation on, such as {@code innodb-page-size}
     * @param settings further ones, of each start
     */
    public static MysqlInstance start(
            MysqlPrograms programs, Path parent, Map<String, String> fixed, Map<String, String> settings) {
        return new MysqlInstance(programs, parent, fixed, settings);
    }

    private static List<String> options(Map<String, String> settings) {
        return settings.entrySet().stream().map(entry -> "--" + entry.getKey() + "=" + entry.getValue()).toList();
    }

    /** In a directory that servers share, each that starts deletes the temporary files of the others. */
    private String temporaryFiles() {
        return "--tmpdir=" + directory.resolve("tmp");
    }

    private void initialise(List<String> fixed) {
        try {
            serverUser.own(Files.createDirectory(directory.resolve("tmp")));
        } catch (IOException e) {
            throw new ThrowawayException("cannot set up a throwaway server in " + directory, e);
        }
        List<String> options = new ArrayList<>(fixed);
        options.add(temporaryFiles());
        Subprocess.of(serverUser.command(programs.initialise(dataDirectory(), options))).output();
        // executed at each start, before the first connection; the server reads it as its own user
        Path accounts = directory.resolve("accounts.sql");
        try {
            Files.createFile(
                    accounts, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(accounts, programs.accounts(password));
            serverUser.own(accounts);
        } catch (IOException e) {
            throw new ThrowawayException("cannot set up a throwaway server in " + directory, e);
        }
    }

    /** Starts the server again after {@link #kill()}; does nothing while it runs. */
    public synchronized void start(Duration timeout) {
        if (process.map(MysqlProcess::isAlive).orElse(false)) {
            return;
        }
        List<String> arguments = new ArrayList<>(programs.start(dataDirectory()));
        arguments.add("--init-file=" + directory.resolve("accounts.sql"));
        arguments.add(temporaryFiles());
        arguments.addAll(options(settings));
        MysqlProcess started =
                MysqlProcess.start(serverUser.command(arguments), directory, port, timeout);
        process = Optional.of(started);
        port = started.port();
    }

    /** SIGKILL; what was committed survives it. Can be started again. */
    public synchronized void kill() {
        process.ifPresent(MysqlProcess::kill);
        process = Optional.empty();
    }

    /** Ends the server and deletes everything it had. Can be called twice. */
    @Override
    public synchronized void close() {
        if (closed) {
            return;
        }
        closed = true;
        // nothing of it will be needed again, so it need not write anything
        kill();
        ThrowawayDirectories.delete(directory);
        if (!Objects.equals(Thread.currentThread(), shutdownHook)) {
            try {
                Runtime.getRuntime().removeShutdownHook(shutdownHook);
            } catch (IllegalStateException e) {
                // the JVM is going down already
            }
        }
    }

    /**
     * Runs a script by the stock client, ending at the first error.
     *
     * @return rows without header, columns separated by tabs
     * @throws ThrowawayException with the client's message
     */
    public String sql(String database, String script) {
        return sql(database, script.getBytes(StandardCharsets.UTF_8));
    }

    /** The same with a script in several character sets. */
    public String sql(String database, byte[] script) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        run(List.of("--batch", "--raw", "--skip-column-names", "--database=" + database), script, output);
        return output.toString(StandardCharsets.UTF_8);
    }

    /** Runs a script by the stock client that goes on after errors. */
    public void force(String database, byte[] script) {
        try {
            run(List.of("--batch", "--force", "--database=" + database), script,
                    new ByteArrayOutputStream());
        } catch (ThrowawayException e) {
            // with --force the client's exit code still says that there was an error
            return;
        }
    }

    /** Lets the stock client execute one statement that may read {@code input} as {@code /dev/stdin}. */
    public void load(String database, String statement, byte[] input) {
        run(List.of("--local-infile=1", "--database=" + database,
                "--init-command=SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00',"
                        + " foreign_key_checks = 0"
                        + (programs.mariadb() ? ", system_versioning_insert_history = 1, check_constraint_checks = 0" : ""),
                "--execute=" + statement), input, new ByteArrayOutputStream());
    }

    private void run(List<String> arguments, byte[] input, ByteArrayOutputStream output) {
        try {
            Path defaults = Files.createTempFile("dbbackup-throwaway", ".cnf"); // created 0600
            try {
                Files.writeString(defaults, "[client]\nuser=root\npassword=\"" + password + "\"\nhost=127.0.0.1\nport="
                        + port + "\nprotocol=tcp\ndefault-character-set=utf8mb4\n");
                List<String> command = new ArrayList<>(List.of(
                        MysqlPrograms.client().toString(), "--defaults-file=" + defaults));
                command.addAll(arguments);
                Subprocess client = Subprocess.of(command);
                client.requireSuccess(client.run(input, output));
            } finally {
                Files.deleteIfExists(defaults);
            }
        } catch (IOException e) {
            throw new ThrowawayException("cannot write the options file for " + MysqlPrograms.client(), e);
        }
    }

    public String host() {
        return "127.0.0.1";
    }

    public int port() {
        return port;
    }

    /** As in {@link MysqlPrograms#series()}. */
    public int series() {
        return programs.series();
    }

    /** Name of the account with all privileges. */
    public String user() {
        return "root";
    }

    public String password() {
        return password;
    }

    public Path dataDirectory() {
        return directory.resolve("data");
    }

    private void closeQuietly() {
        try {
            close();
        } catch (RuntimeException e) {
            // the JVM is going down: there is nobody left to tell, and the next sweep tries again
        }
    }

    @Override
    public String toString() {
        return (programs.mariadb() ? "MariaDB in " : "MySQL in ") + directory + " on port " + port;
    }
}
