package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.PgErrors;
import io.dbbackup.engine.postgresql.restore.GlobalsStatement.Kind;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.RestoreSpec.Globals;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Restores roles, memberships, settings of roles and tablespaces.
 *
 * <p>Everything about roles is one transaction, so that a role that was created is never left without its password and
 * attributes: to a second attempt it would look like a role of the target, which is not touched. A statement that the
 * target refuses becomes a warning that names the role; its text, which may hold the hash of a password, is never shown.
 */
final class GlobalsItem {
    ItemResult execute(RestoreContext context, Progress progress) {
        BlobRef blob = context.set().manifest().globals().orElseThrow();
        List<GlobalsStatement> statements =
                SqlStatements.split(read(context, blob)).stream().map(GlobalsStatement::of).toList();
        try (TargetSession session = TargetSession.maintenance(context, "restore globals")) {
            Set<String> roles = names(session, "SELECT rolname FROM pg_catalog.pg_roles");
            Set<String> tablespaces = names(session, "SELECT spcname FROM pg_catalog.pg_tablespace");
            String login = session.sql().text("SELECT session_user");
            report(context, statements, roles, login);
            session.transaction(() -> statements.stream()
                    .filter(s -> aboutRoles(s) && wanted(context, s, roles, login))
                    .forEach(s -> runInSavepoint(context, session, s)));
            tablespaces(context, session, statements, tablespaces);
        }
        context.release(Tablespaces.KEY);
        progress.bytes(blob.plainBytes());
        return new ItemResult(blob.plainBytes(), blob.storedBytes(), 0, Map.of(), List.of());
    }

    /** To the end, which checks the digests, before anything is executed. */
    private static String read(RestoreContext context, BlobRef blob) {
        try (InputStream in = context.set().open(blob)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new BackupException(
                    ErrorCode.STORE_IO,
                    "reading the globals failed: " + e.getMessage(),
                    "Check the store, then restart the run.",
                    e);
        }
    }

    private static Set<String> names(TargetSession session, String query) {
        return new TreeSet<>(session.sql().list(query, row -> row.getString(1)));
    }

    private static boolean aboutRoles(GlobalsStatement statement) {
        return switch (statement.kind()) {
            case CREATE_ROLE, ROLE_ATTRIBUTES, ROLE_DETAIL, MEMBERSHIP, PARAMETER_PRIVILEGE -> true;
            case CREATE_TABLESPACE, TABLESPACE_DETAIL, SESSION_SETTING, OTHER -> false;
        };
    }

    private static boolean wanted(RestoreContext context, GlobalsStatement statement, Set<String> existing, String login) {
        boolean exists = existing.contains(statement.subject());
        boolean all = context.spec().globals() == Globals.ALL;
        return switch (statement.kind()) {
            case CREATE_ROLE -> !exists;
            case ROLE_ATTRIBUTES -> !exists || all && !statement.subject().equals(login);
            case MEMBERSHIP -> all || !exists || !existing.contains(statement.other());
            case ROLE_DETAIL, PARAMETER_PRIVILEGE -> !exists || all;
            case CREATE_TABLESPACE, TABLESPACE_DETAIL, SESSION_SETTING, OTHER -> false;
        };
    }

    private static void report(
            RestoreContext context, List<GlobalsStatement> statements, Set<String> existing, String login) {
        Set<String> kept = new TreeSet<>();
        for (GlobalsStatement statement : statements) {
            // the login exists on every target; a warning that always comes would hide the others
            if (statement.kind() == Kind.CREATE_ROLE
                    && existing.contains(statement.subject())
                    && !statement.subject().equals(login)) {
                kept.add(statement.subject());
            }
            if (statement.kind() == Kind.OTHER) {
                context.warn("a statement of the globals was not understood and left out");
            }
        }
        if (!kept.isEmpty() && context.spec().globals() != Globals.ALL) {
            context.warn("roles that existed on the target were left as they are: " + String.join(", ", kept));
        }
    }

    private static void runInSavepoint(RestoreContext context, TargetSession session, GlobalsStatement statement) {
        try {
            session.sql().run("SAVEPOINT dbbackup");
            SQLException failure = attempt(session, statement);
            if (failure != null && statement.kind() == Kind.MEMBERSHIP) {
                failure = attempt(session, statement.withoutGrantor());
            }
            if (failure != null) {
                warnOrThrow(context, session, statement, failure);
            }
            session.sql().run("RELEASE SAVEPOINT dbbackup");
        } catch (SQLException e) {
            throw PgErrors.translate(e, session.sql().endpoint(), "restoring roles");
        }
    }

    private static SQLException attempt(TargetSession session, GlobalsStatement statement) throws SQLException {
        try (Statement plain = session.connection().createStatement()) {
            plain.setEscapeProcessing(false);
            try {
                plain.execute(statement.sql());
                return null;
            } catch (SQLException e) {
                if (PgErrors.connectionLost(e)) {
                    throw e;
                }
                plain.execute("ROLLBACK TO SAVEPOINT dbbackup");
                return e;
            }
        }
    }

    /** Neither the statement nor the exception, whose message a driver may extend by it, goes on from here. */
    private static void warnOrThrow(
            RestoreContext context, TargetSession session, GlobalsStatement statement, SQLException failure) {
        if (PgErrors.connectionLost(failure)) {
            throw PgErrors.translate(failure, session.sql().endpoint(), "restoring globals");
        }
        context.warn(switch (statement.kind()) {
            case CREATE_TABLESPACE, TABLESPACE_DETAIL -> "tablespace " + statement.subject() + " was not restored: ";
            case MEMBERSHIP -> "role " + statement.subject() + " was not made a member of " + statement.other() + ": ";
            case CREATE_ROLE, ROLE_ATTRIBUTES, ROLE_DETAIL, PARAMETER_PRIVILEGE, SESSION_SETTING, OTHER ->
                "role " + statement.subject() + " was not restored completely: ";
        } + PgErrors.message(failure));
    }

    /**
     * Creating a tablespace cannot be part of a transaction; each statement stands for itself, and an attempt that died may have come to
     * any of them.
     */
    private static void tablespaces(
            RestoreContext context, TargetSession session, List<GlobalsStatement> statements, Set<String> now) {
        Set<String> others = new TreeSet<>(ChosenTablespaces.of(context, now).existing());
        boolean all = context.spec().globals() == Globals.ALL;
        for (GlobalsStatement statement : statements) {
            String name = statement.subject();
            if (!context.spec().tablespaces().keeps(name)) {
                continue;
            }
            switch (statement.kind()) {
                case CREATE_TABLESPACE -> {
                    if (!now.contains(name)) {
                        runAlone(context, session, statement);
                    } else if (!others.contains(name) && !ChosenTablespaces.same(session, statement)) {
                        others.add(name);
                        warnOfOther(context, name, all);
                    }
                }
                case TABLESPACE_DETAIL -> {
                    if (all || !others.contains(name)) {
                        runAlone(context, session, statement);
                    }
                }
                default -> { }
            }
        }
    }

    private static void warnOfOther(RestoreContext context, String name, boolean all) {
        if (!all) {
            context.warn("tablespace " + name + " was created on the target by somebody else meanwhile and was left as it is; for its"
                    + " privileges, options and comment execute the set's statements");
        }
    }

    private static void runAlone(RestoreContext context, TargetSession session, GlobalsStatement statement) {
        try (Statement plain = session.connection().createStatement()) {
            plain.setEscapeProcessing(false);
            // in-place tablespaces, for tests of servers: some versions of pg_dumpall write their place
            String sql = statement.sql().replaceFirst("LOCATION 'pg_tblspc/\\d+'$", "LOCATION ''");
            if (sql.endsWith("LOCATION ''") && session.major() >= 15) {
                plain.execute("SET allow_in_place_tablespaces = on");
            }
            plain.execute(sql);
        } catch (SQLException e) {
            warnOrThrow(context, session, statement, e);
        }
    }
}
