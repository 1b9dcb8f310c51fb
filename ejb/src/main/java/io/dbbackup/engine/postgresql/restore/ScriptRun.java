package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.PgErrors;
import io.dbbackup.engine.postgresql.PgProcess;
import io.dbbackup.engine.postgresql.PgTools;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Executes SQL that pg_restore prints, by psql in one session of the target. psql passes on the bytes as they are,
 * which no JDBC driver would for a database in SQL_ASCII, and understands everything that pg_dump writes.
 *
 * @param context of the run
 * @param tools where psql is
 * @param database database on the target, a temporary name
 * @param label for messages
 */
record ScriptRun(RestoreContext context, PgTools tools, String database, String label) {
    private static final int BUFFER = 1 << 16;
    private static final Pattern ERROR = Pattern.compile("psql:<stdin>:(\\d+): (?:ERROR|FATAL|PANIC): +([0-9A-Z]{5}): (.*)");
    private static final List<String> CONNECTION_LOST = List.of(
            "server closed the connection", "connection to server was lost", "terminating connection",
            "could not receive data from server", "no connection to the server");

    /**
     * Runs prologue, script and epilogue. The epilogue is only sent after the script was printed completely and well,
     * so that a transaction which it commits holds all or nothing.
     *
     * @param script a running {@code pg_restore --file=-}; closed in every case
     * @throws BackupException DATABASE_STATEMENT_FAILED naming the object, whose cause is an SQLException with the server's
     *     SQLSTATE; DATABASE_CONNECTION_LOST, TOOL_FAILED
     */
    void execute(String prologue, PgProcess script, String epilogue) {
        ScriptNames names = new ScriptNames();
        try (script;
                PgProcess psql = PgProcess.start(
                        tools, "psql", context.target(), database,
                        List.of(
                                "--no-psqlrc", "--quiet", "--set=ON_ERROR_STOP=1", "--set=VERBOSITY=verbose",
                                "--output=/dev/null", "--file=-"),
                        context.cancellation())) {
            boolean complete = send(psql, names, prologue, script, epilogue);
            int status = psql.await();
            if (status != 0) {
                throw failure(status, psql.messages(), names);
            }
            if (!complete) {
                throw new BackupException(
                        ErrorCode.TOOL_FAILED,
                        label + ": psql ended before it had read the whole script: "
                                + String.join(" | ", psql.messages()),
                        "Restart the run; if it happens again, look at the log of the database server.");
            }
        }
    }

    /** @return false when psql did not take everything; its exit status and messages say why */
    private boolean send(PgProcess psql, ScriptNames names, String prologue, PgProcess script, String epilogue) {
        byte[] buffer = new byte[BUFFER];
        try (OutputStream raw = psql.input();
                OutputStream out = new Watched(raw, names)) {
            out.write(prologue.getBytes(StandardCharsets.UTF_8));
            ScriptHeader header = new ScriptHeader(new ScriptTablespaces(out, context.spec().tablespaces()));
            InputStream in = script.stream();
            for (int n = read(in, buffer); n >= 0; n = read(in, buffer)) {
                header.write(buffer, n);
            }
            header.finish();
            header.flush();
            script.awaitSuccess();
            out.write(epilogue.getBytes(StandardCharsets.UTF_8));
            return true;
        } catch (IOException e) {
            context.cancellation().check();
            return false;
        }
    }

    private static int read(InputStream in, byte[] buffer) {
        try {
            return in.read(buffer);
        } catch (IOException e) {
            // the program ended: its exit status tells
            return -1;
        }
    }

    private BackupException failure(int status, List<String> messages, ScriptNames names) {
        String said = String.join(" | ", messages);
        if (status == 2 || CONNECTION_LOST.stream().anyMatch(said::contains)) {
            return new BackupException(
                    ErrorCode.DATABASE_CONNECTION_LOST,
                    label + ": the session on " + context.target() + " was lost: " + said,
                    "Look at the log of the database server, then restart the run.");
        }
        for (String message : messages) {
            Matcher matcher = ERROR.matcher(message);
            if (matcher.matches()) {
                Optional<String> name = names.at(Long.parseLong(matcher.group(1)));
                String error = matcher.group(3);
                SQLException cause = new SQLException(error, matcher.group(2));
                return new BackupException(
                        ErrorCode.DATABASE_STATEMENT_FAILED,
                        label + " failed on " + context.target() + name.map(n -> " at " + n).orElse("") + ": "
                                + PgErrors.message(cause),
                        remedy(error),
                        cause);
            }
        }
        return new BackupException(
                ErrorCode.TOOL_FAILED,
                label + ": psql ended with exit status " + status + " on " + context.target() + ": " + said,
                "Remove what the program complains about, then restart the run.");
    }

    private static String remedy(String error) {
        if (error.contains("out of shared memory")) {
            return "Raise max_locks_per_transaction of the target, then restart the run.";
        }
        if (error.startsWith("role ") && error.endsWith("does not exist")) {
            return "Restore the roles too (globals), create the role, or restore without owners.";
        }
        return "Remove what the server complains about, then restart the run; what is done already is kept.";
    }

    /** Passes bytes on and shows them to the names. */
    private static final class Watched extends java.io.FilterOutputStream {
        private final ScriptNames names;

        Watched(OutputStream out, ScriptNames names) {
            super(new java.io.BufferedOutputStream(out, BUFFER));
            this.names = names;
        }

        @Override
        public void write(int b) throws IOException {
            write(new byte[] {(byte) b}, 0, 1);
        }

        @Override
        public void write(byte[] buffer, int offset, int length) throws IOException {
            out.write(buffer, offset, length);
            names.accept(buffer, offset, length);
        }
    }
}
