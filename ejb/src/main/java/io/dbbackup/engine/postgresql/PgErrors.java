package io.dbbackup.engine.postgresql;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import java.net.UnknownHostException;
import java.sql.SQLException;
import java.util.List;
import org.postgresql.util.PSQLException;
import org.postgresql.util.ServerErrorMessage;

/** Turns what the server or the driver says into a code, a cause and a remedy. Details with row contents are left out. */
public final class PgErrors {
    /** What the server says when a row does not fit into the memory that it may allocate at once. */
    private static final String ALLOCATION = "invalid memory alloc request size";

    /** With SQLSTATE 54000, which other limits have as well. The first is what older servers say, the size in the detail. */
    private static final List<String> STRING_BUFFER = List.of("out of memory", "string buffer");

    private static final String LARGE_ROWS = "PostgreSQL cannot form anything larger than 1 GiB at once: make the value smaller,"
            + " or leave the rows of its table out (--exclude-table-data).";

    private PgErrors() {}

    /**
     * @param doing what was attempted, as in {@code connecting to database "shop"}; never a secret
     */
    public static BackupException translate(SQLException e, Endpoint endpoint, String doing) {
        String state = e.getSQLState() == null ? "" : e.getSQLState();
        String said = message(e);
        ErrorCode code = code(state, said);
        return new BackupException(
                code, doing + " on " + endpoint + " failed: " + said, remedy(code, state, endpoint), e);
    }

    /** The server's message with its hint, without detail. */
    public static String message(SQLException e) {
        ServerErrorMessage server = e instanceof PSQLException p ? p.getServerErrorMessage() : null;
        String text = server == null ? e.getMessage() : server.getMessage();
        String hint = server == null ? null : server.getHint();
        String state = e.getSQLState() == null ? "" : " (SQLSTATE " + e.getSQLState() + ")";
        return (text == null ? e.getClass().getName() : text)
                + unknownHost(e)
                + (hint == null ? "" : "; " + hint) + state;
    }

    /** The driver says of a name that cannot be resolved only that the attempt failed. */
    private static String unknownHost(SQLException e) {
        return e.getCause() instanceof UnknownHostException unknown
                ? " The name " + unknown.getMessage() + " cannot be resolved."
                : "";
    }

    /** True when the session is gone and not only its statement. */
    public static boolean connectionLost(SQLException e) {
        ErrorCode code = code(e.getSQLState() == null ? "" : e.getSQLState(), message(e));
        return code == ErrorCode.DATABASE_CONNECTION_LOST || code == ErrorCode.DATABASE_UNREACHABLE;
    }

    private static ErrorCode code(String state, String said) {
        if (said.contains("unsupported startup parameter")) {
            return ErrorCode.DATABASE_POOLER_DETECTED;
        }
        if (tooLarge(state, said)) {
            return ErrorCode.ROW_TOO_LARGE;
        }
        return switch (state) {
            case "28000", "28P01", "08004" -> ErrorCode.DATABASE_AUTHENTICATION_FAILED;
            case "08001", "57P03", "53300" -> ErrorCode.DATABASE_UNREACHABLE;
            case "3D000" -> ErrorCode.UNKNOWN_DATABASE;
            case "42501" -> ErrorCode.DATABASE_PRIVILEGE_MISSING;
            case "57P01", "57P02", "57P05", "25P03", "25P04" -> ErrorCode.DATABASE_CONNECTION_LOST;
            default -> state.startsWith("08")
                    ? ErrorCode.DATABASE_CONNECTION_LOST
                    : ErrorCode.DATABASE_STATEMENT_FAILED;
        };
    }

    private static boolean tooLarge(String state, String said) {
        return said.contains(ALLOCATION) || state.equals("54000") && STRING_BUFFER.stream().anyMatch(said::contains);
    }

    private static String remedy(ErrorCode code, String state, Endpoint endpoint) {
        return switch (code) {
            case DATABASE_AUTHENTICATION_FAILED -> "Check user, password reference and sslmode of \"" + endpoint.name()
                    + "\", and pg_hba.conf of the server.";
            case DATABASE_UNREACHABLE -> state.equals("53300")
                    ? "Lower the number of workers or raise max_connections of the server."
                    : "Check that the server runs and that host and port of \"" + endpoint.name() + "\" are right.";
            case UNKNOWN_DATABASE -> "Check the name of the database; it is case-sensitive.";
            case DATABASE_PRIVILEGE_MISSING -> "Grant the role \"" + endpoint.user()
                    + "\" what the message names, or use a superuser.";
            case DATABASE_POOLER_DETECTED -> "Give host and port of the PostgreSQL server itself, not of the pooler.";
            case DATABASE_CONNECTION_LOST -> "Look at the log of the database server, then restart the run.";
            case ROW_TOO_LARGE -> LARGE_ROWS;
            default -> switch (state) {
                case "53200" -> "Raise max_locks_per_transaction of the server (a database with many tables needs one"
                        + " lock per table), then restart the run.";
                case "55P03" -> "Wait until the session that holds the lock has ended, or raise "
                        + PgOptions.LOCK_TIMEOUT + ".";
                default -> "Look at the message and at the log of the database server, then restart the run.";
            };
        };
    }
}
