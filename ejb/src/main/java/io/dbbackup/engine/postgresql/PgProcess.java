package io.dbbackup.engine.postgresql;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.pipeline.ByteSource;
import io.dbbackup.spi.Cancellation;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;

/**
 * A running PostgreSQL client program. Its standard output is the stream, its exit status the success. Ends with the
 * run's cancellation; not thread-safe except {@link #close()}.
 */
public final class PgProcess implements ByteSource {
    private static final List<String> ENVIRONMENT = List.of("PATH", "TZ", "TMPDIR", "SSL_CERT_FILE", "SSL_CERT_DIR");
    private static final long GRACE_MILLIS = 1000;

    private final String name;
    private final Endpoint endpoint;
    private final Process process;
    private final StderrTail stderr;
    private final PasswordFile passwordFile;
    private final Cancellation cancellation;
    private final Cancellation.Registration registration;

    private PgProcess(String name, Endpoint endpoint, ProcessBuilder builder, PasswordFile file, Cancellation cancellation)
            throws IOException {
        this.name = name;
        this.endpoint = endpoint;
        this.passwordFile = file;
        this.cancellation = cancellation;
        process = builder.start();
        stderr = new StderrTail(process.getErrorStream(), endpoint.password().get());
        registration = cancellation.onCancel(() -> end(process));
    }

    /**
     * Starts a program that connects to a database.
     *
     * @param tool for example {@code pg_dump}
     * @param database which database; handed over in a way that no name can be misread
     * @param arguments further arguments; ASCII only, never a secret
     * @throws BackupException TOOL_MISSING, TOOL_FAILED when it cannot be started, CANCELLED
     */
    public static PgProcess start(
            PgTools tools, String tool, Endpoint endpoint, String database, List<String> arguments,
            Cancellation cancellation) {
        cancellation.check();
        List<String> command = new ArrayList<>();
        command.add(tools.program(tool).toString());
        command.add("--dbname=" + Quoting.connectionUri(endpoint, database));
        command.add("--no-password");
        command.addAll(arguments);
        return launch(tool, endpoint, command, cancellation);
    }

    /** Starts a program that does not connect, such as {@code pg_restore --list} or {@code --file=-}. */
    public static PgProcess startOffline(
            PgTools tools, String tool, Endpoint endpoint, List<String> arguments, Cancellation cancellation) {
        cancellation.check();
        List<String> command = new ArrayList<>();
        command.add(tools.program(tool).toString());
        command.addAll(arguments);
        return launch(tool, endpoint, command, cancellation);
    }

    private static PgProcess launch(
            String tool, Endpoint endpoint, List<String> command, Cancellation cancellation) {
        PasswordFile file = PasswordFile.create(endpoint);
        try {
            ProcessBuilder builder = new ProcessBuilder(command);
            Map<String, String> environment = builder.environment();
            Map<String, String> inherited = Map.copyOf(environment);
            environment.clear();
            for (String key : ENVIRONMENT) {
                if (inherited.containsKey(key)) {
                    environment.put(key, inherited.get(key));
                }
            }
            environment.put("LC_ALL", "C");
            environment.put("PGPASSFILE", file.path().toString());
            environment.put("PGAPPNAME", "dbbackup " + tool);
            return new PgProcess(tool, endpoint, builder, file, cancellation);
        } catch (IOException e) {
            file.close();
            throw new BackupException(
                    ErrorCode.TOOL_FAILED,
                    tool + " could not be started: " + e.getMessage(),
                    "Check that " + command.get(0) + " can be executed by the server's operating-system user.",
                    e);
        } catch (RuntimeException e) {
            file.close();
            throw e;
        }
    }

    /** What the program writes to its standard output. */
    @Override
    public InputStream stream() {
        return process.getInputStream();
    }

    /** Standard input of the program; close it to let the program end. */
    public OutputStream input() {
        return process.getOutputStream();
    }

    /** The last lines that the program wrote to standard error, without passwords. */
    public List<String> messages() {
        return stderr.lines();
    }

    public ProcessHandle handle() {
        return process.toHandle();
    }

    /**
     * Waits for the end.
     *
     * @return the exit status, which may be a failure
     * @throws BackupException CANCELLED when the run was stopped
     */
    public int await() {
        try {
            int status = process.waitFor();
            stderr.await();
            cancellation.check();
            return status;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            end(process);
            throw new BackupException(
                    ErrorCode.CANCELLED, "waiting for " + name + " was interrupted", "Restart the run.", e);
        } finally {
            close();
        }
    }

    @Override
    public void awaitSuccess() {
        int status = await();
        if (status != 0) {
            throw failure(status);
        }
    }

    /** What an exit status other than 0 means, with the last lines of standard error. */
    public BackupException failure(int status) {
        String how = status > 128 ? "was ended by signal " + (status - 128) : "ended with exit status " + status;
        String said = String.join(" | ", messages());
        return new BackupException(
                ErrorCode.TOOL_FAILED,
                name + " " + how + " on " + endpoint + (said.isEmpty() ? "" : ": " + said),
                said.contains("max_locks_per_transaction")
                        ? "Raise max_locks_per_transaction of the server: " + name + " needs one lock per table."
                        : "Remove what the program complains about, then restart the run.");
    }

    @Override
    public void close() {
        registration.close();
        if (process.isAlive()) {
            end(process);
        }
        passwordFile.close();
    }

    /** Politely first, so that the program can cancel what it runs in the server; then without mercy. */
    private static void end(Process process) {
        List<ProcessHandle> family = new ArrayList<>(process.descendants().toList());
        family.add(process.toHandle());
        family.forEach(ProcessHandle::destroy);
        CompletableFuture.delayedExecutor(GRACE_MILLIS, TimeUnit.MILLISECONDS)
                .execute(() -> family.forEach(ProcessHandle::destroyForcibly));
    }
}
