package io.dbbackup.engine.mysql;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import java.security.cert.CertificateException;
import java.sql.SQLException;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Turns what the server or the driver says into a code, a cause and a remedy. Numbers are those of the MySQL manual, "Server
 * Error Message Reference", and of the MariaDB documentation, "MariaDB Error Codes".
 */
public final class MysqlErrors {
    /** Table definition has changed, table, column or partition is gone: after the snapshot somebody changed what is to be read. */
    private static final Set<Integer> CHANGED = Set.of(1054, 1109, 1146, 1412, 1735, 1932);

    private static final int DUPLICATE = 1062;
    private static final int UNKNOWN_TABLE = 1146;

    /** A database was not dropped, since its directory could not be removed; why says the number behind, 17 or 39 that something is in it. */
    private static final int NOT_REMOVED = 1010;
    private static final Pattern NOT_EMPTY = Pattern.compile("errno: (?:17|39)\\b");

    /** Ended by the limit of the session, in MariaDB and in MySQL. */
    private static final Set<Integer> TIMED_OUT = Set.of(1969, 3024);

    /** Crashed or damaged tables, and such whose files are gone. */
    private static final Set<Integer> DAMAGED = Set.of(1017, 1034, 1035, 1194, 1195, 1812, 1814);
    private static final int NOT_OPENED = 1016;
    /** No memory and no more open files, which passes. */
    private static final Pattern LACK = Pattern.compile("errno: (?:12|23|24)\\b");
    private static final int OF_ENGINE = 1030;
    /**
     * Memory, threads, locks of others, a statement that was ended; and what MariaDB's information_schema warns of when it leaves out a table that
     * somebody is changing (ER_WARN_I_S_SKIPPED_TABLE).
     */
    private static final Set<Integer> OF_THE_MOMENT = Set.of(1037, 1038, 1041, 1135, 1205, 1213, 1317, 1684, 1969, 3024);
    /** Crashed tables of MyISAM and Aria. */
    private static final Pattern CRASHED = Pattern.compile("error (?:126|127|134|144|145|176)\\b");

    private static final int PACKET_TOO_LARGE = 1153;
    /** Of no number of its own: says the driver, and the server of a value that came in pieces. */
    private static final Set<Integer> UNNUMBERED = Set.of(0, 1105);
    private static final String LARGEST_PACKET = "max_allowed_packet";

    /** Numbers below are of the servers' file functions, such as a write to a full disk. */
    private static final int FIRST = 1000;

    /**
     * What says nothing about a statement: files, memory, disks, engines and their limits (1021 is a full disk, 1114 a full table), crashed
     * tables, commits; a statement that was ended; a server or transaction that may not write, or whose state of a replica or cluster
     * forbids it; a binary log that trusts no functions; a table that was changed at that moment; a time zone that somebody has to load; the
     * server's own tables of routines, events and triggers, which may be damaged, full or those of an older version.
     */
    private static final Set<Integer> TROUBLE = Set.of(
            1004, 1006, 1015, 1016, 1017, 1018, 1019, 1020, 1021, 1023, 1024, 1026, 1030, 1034, 1035, 1037, 1038, 1041, 1114, 1135, 1180,
            1181, 1194, 1195, 1206, 1436, 1637, 1799, 1812, 1813, 1814,
            1317, 1969, 3024,
            1099, 1100, 1192, 1223, 1290, 1568, 1598, 1665, 1785, 1792, 1836, 3098, 3100, 3168,
            1418, 1419, 1412, 1615, 1298,
            1307, 1457, 1538, 1545, 1548, 1558, 1577, 1728, 1805, 1878, 3101);
    private static final String ROLLED_BACK = "40";
    /** In the message of {@link #UNKNOWN_TABLE}. */
    private static final String OF_THE_SERVER = "'mysql.";

    /** Could not create a table, or rename it at the end of an ALTER: for many reasons; this one of InnoDB's is a broken foreign key. */
    private static final Set<Integer> NOT_MADE = Set.of(1005, 1025);
    /** Foreign keys that a table would break by its columns or indexes, as MySQL says it. */
    private static final Set<Integer> OF_KEYS = Set.of(1215, 1822, 3733, 3734, 3780, 6125);
    private static final String BROKEN_KEY = "errno: 150";
    /** What the driver says where caching_sha2_password has neither TLS nor the server's key, or cannot read the key's file. */
    private static final String PUBLIC_KEY = "public key";

    private MysqlErrors() {}

    /** @param doing what was attempted, as in {@code connecting}; never a secret */
    public static BackupException translate(SQLException e, Endpoint endpoint, String doing) {
        ErrorCode code = code(e);
        if (keyMissing(e)) {
            return new BackupException(
                    ErrorCode.DATABASE_AUTHENTICATION_FAILED,
                    doing + " on " + endpoint + " failed: the account \"" + endpoint.user()
                            + "\" has caching_sha2_password or sha256_password, the connection has no TLS, and the server's"
                            + " public key cannot be read here: " + message(e),
                    "Use TLS (sslMode: REQUIRED), or give the server's public_key.pem as " + MysqlOptions.PUBLIC_KEY + " of \""
                            + endpoint.name() + "\".",
                    e);
        }
        return new BackupException(
                code, doing + " on " + endpoint + " failed: " + message(e), tooLarge(e) ? packetRemedy(endpoint) : remedy(code, endpoint), e);
    }

    private static String packetRemedy(Endpoint endpoint) {
        return "Raise max_allowed_packet of \"" + endpoint.name() + "\" (SET GLOBAL max_allowed_packet = …, 1073741824 at most; new sessions"
                + " have it), then restart the run.";
    }

    /** What a session that never came about says: nobody there is no session that was lost. */
    public static BackupException notConnected(SQLException e, Endpoint endpoint, String doing) {
        Optional<CertificateException> untrusted = untrusted(e);
        if (untrusted.isPresent()) {
            return new BackupException(
                    ErrorCode.DATABASE_UNREACHABLE,
                    doing + " on " + endpoint + " failed: the server's certificate is not trusted (sslMode "
                            + MysqlOptions.sslMode(endpoint) + ", "
                            + endpoint.option(MysqlOptions.CA).map(file -> MysqlOptions.CA + " " + file).orElse("the certificates of Java")
                            + "): " + untrusted.get().getMessage(),
                    "Give the certificate of the CA that signed the server's as " + MysqlOptions.CA + " of \"" + endpoint.name()
                            + "\"; with VERIFY_IDENTITY host must be a name in the server's certificate.",
                    e);
        }
        BackupException lost = translate(e, endpoint, doing);
        return lost.code() == ErrorCode.DATABASE_CONNECTION_LOST
                ? new BackupException(
                        ErrorCode.DATABASE_UNREACHABLE, lost.problem().cause(), remedy(ErrorCode.DATABASE_UNREACHABLE, endpoint), e)
                : lost;
    }

    private static Optional<CertificateException> untrusted(Throwable e) {
        Optional<CertificateException> found = Optional.empty();
        for (Throwable cause = e; cause != null && found.isEmpty(); cause = cause.getCause()) {
            found = Optional.of(cause).filter(CertificateException.class::isInstance).map(CertificateException.class::cast);
        }
        return found;
    }

    /** The server's message with its number; where it never answered, what became of the connection. */
    public static String message(SQLException e) {
        String text = e.getMessage() == null ? e.getClass().getName() : e.getMessage().strip().replaceAll("\\s+", " ");
        Throwable origin = e;
        while (origin.getCause() != null && origin.getCause() != origin) {
            origin = origin.getCause();
        }
        if (connectionLost(e) && !(origin instanceof SQLException)) {
            text = origin.getClass().getSimpleName() + (origin.getMessage() == null ? "" : ": " + origin.getMessage()) + "; " + text;
        }
        return text + " (error " + e.getErrorCode() + ", SQLSTATE " + e.getSQLState() + ")";
    }

    private static boolean keyMissing(SQLException e) {
        return e.getErrorCode() == 0 && e.getMessage() != null
                && e.getMessage().toLowerCase(Locale.ROOT).contains(PUBLIC_KEY);
    }

    /** True when the session is gone and not only its statement. */
    public static boolean connectionLost(SQLException e) {
        ErrorCode code = code(e);
        return code == ErrorCode.DATABASE_CONNECTION_LOST || code == ErrorCode.DATABASE_UNREACHABLE;
    }

    /** True when a table is not any more what it was when the snapshot was taken. */
    public static boolean definitionChanged(SQLException e) {
        return CHANGED.contains(e.getErrorCode());
    }

    /** True when a message or value has more bytes than max_allowed_packet of the server: it is set there, and nothing else helps. */
    public static boolean tooLarge(SQLException e) {
        return e.getErrorCode() == PACKET_TOO_LARGE
                || UNNUMBERED.contains(e.getErrorCode()) && e.getMessage() != null && e.getMessage().contains(LARGEST_PACKET);
    }

    /** True when the server has ended a statement for the time that it took. */
    public static boolean timedOut(BackupException e) {
        return e.getCause() instanceof SQLException origin && TIMED_OUT.contains(origin.getErrorCode());
    }

    /** True when a table cannot be opened until somebody mends it. */
    public static boolean damaged(BackupException e) {
        if (!(e.getCause() instanceof SQLException origin)) {
            return false;
        }
        return switch (origin.getErrorCode()) {
            case NOT_OPENED -> !LACK.matcher(origin.getMessage()).find();
            case OF_ENGINE -> CRASHED.matcher(origin.getMessage()).find();
            default -> DAMAGED.contains(origin.getErrorCode());
        };
    }

    /** True when it says nothing of what was asked for, and something else will be answered at another moment. */
    public static boolean ofTheMoment(SQLException e) {
        return OF_THE_MOMENT.contains(e.getErrorCode())
                || e.getErrorCode() >= FIRST && e.getMessage() != null && LACK.matcher(e.getMessage()).find();
    }

    /** The same of what {@link #translate} has made of it. */
    public static boolean ofTheMoment(BackupException e) {
        return e.getCause() instanceof SQLException origin && ofTheMoment(origin);
    }

    /** True when a row with the same key is there already. */
    public static boolean duplicate(BackupException e) {
        return e.getCause() instanceof SQLException origin && origin.getErrorCode() == DUPLICATE;
    }

    /** True when there is no table or view of that name. */
    public static boolean unknownTable(BackupException e) {
        return e.getCause() instanceof SQLException origin && origin.getErrorCode() == UNKNOWN_TABLE;
    }

    /** True when a database is still there because its directory holds what is none of its tables'. */
    public static boolean directoryNotEmpty(BackupException e) {
        return e.getCause() instanceof SQLException origin && origin.getErrorCode() == NOT_REMOVED && NOT_EMPTY.matcher(origin.getMessage()).find();
    }

    /**
     * True when the server refuses a statement for what it says, so that it would refuse it again: no lack of a privilege, of space or
     * of a connection, and no lock.
     */
    public static boolean refusesText(BackupException e) {
        if (e.code() != ErrorCode.DATABASE_STATEMENT_FAILED && e.code() != ErrorCode.UNKNOWN_DATABASE
                || !(e.getCause() instanceof SQLException origin)) {
            return false;
        }
        int number = origin.getErrorCode();
        boolean rolledBack = origin.getSQLState() != null && origin.getSQLState().startsWith(ROLLED_BACK);
        if (rolledBack || number == UNKNOWN_TABLE && origin.getMessage().contains(OF_THE_SERVER)) {
            return false;
        }
        return number >= FIRST && !TROUBLE.contains(number)
                && (!NOT_MADE.contains(number) || origin.getMessage().contains(BROKEN_KEY));
    }

    /** True when a table, as it is, does not fit a foreign key. */
    public static boolean refusesKey(BackupException e) {
        return e.getCause() instanceof SQLException origin
                && (OF_KEYS.contains(origin.getErrorCode())
                        || NOT_MADE.contains(origin.getErrorCode()) && origin.getMessage().contains(BROKEN_KEY));
    }

    private static ErrorCode code(SQLException e) {
        if (tooLarge(e)) {
            return ErrorCode.DATABASE_WRONG;
        }
        return switch (e.getErrorCode()) {
            case 1045, 1698, 1251 -> ErrorCode.DATABASE_AUTHENTICATION_FAILED;
            case 1040, 1203, 1226 -> ErrorCode.DATABASE_UNREACHABLE;
            case 1049 -> ErrorCode.UNKNOWN_DATABASE;
            case 1044, 1142, 1143, 1227, 1370, 1410 -> ErrorCode.DATABASE_PRIVILEGE_MISSING;
            case 1205, 1213 -> ErrorCode.DATABASE_TABLE_LOCKED;
            case 1053, 1077, 1079, 1927 -> ErrorCode.DATABASE_CONNECTION_LOST;
            default -> byState(e.getSQLState() == null ? "" : e.getSQLState());
        };
    }

    private static ErrorCode byState(String state) {
        if (state.equals("08001")) {
            return ErrorCode.DATABASE_UNREACHABLE;
        }
        return state.startsWith("08") ? ErrorCode.DATABASE_CONNECTION_LOST : ErrorCode.DATABASE_STATEMENT_FAILED;
    }

    private static String remedy(ErrorCode code, Endpoint endpoint) {
        return switch (code) {
            case DATABASE_AUTHENTICATION_FAILED -> "Check user, password reference and sslMode of \"" + endpoint.name()
                    + "\", and from which hosts the server lets that account in.";
            case DATABASE_UNREACHABLE -> "Check that the server runs, that host and port of \"" + endpoint.name()
                    + "\" are right, that max_connections leaves room, and that the server has the TLS that sslMode asks for.";
            case UNKNOWN_DATABASE -> "Check the name of the database.";
            case DATABASE_PRIVILEGE_MISSING -> "Grant the account \"" + endpoint.user() + "\" what the message names.";
            case DATABASE_TABLE_LOCKED -> "Wait until the session that holds the lock has ended, then restart the run.";
            case DATABASE_CONNECTION_LOST -> "Look at the log of the database server, then restart the run.";
            default -> "Look at the message and at the log of the database server, then restart the run.";
        };
    }
}
