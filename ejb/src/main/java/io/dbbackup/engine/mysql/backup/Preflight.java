package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Privileges;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.StorageEngines;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.engine.partial.PatternCheck;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Selection;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.spi.BackupContext;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/** Everything that can be known before the work begins. */
final class Preflight {
    private static final int OLDEST_MYSQL = 800;
    private static final int OLDEST_MARIADB = 1011;

    private static final String LOCK = "RELOAD";
    private static final Set<String> NEEDED = Set.of("SELECT", "SHOW VIEW", "TRIGGER", "EVENT");

    private Preflight() {}

    static ServerFacts run(BackupContext context) {
        ServerFacts server = ServerRelease.describe(context.source());
        requireVersion(context, server);
        requirePrivileges(context);
        List<DatabaseChoice.Database> databases = DatabaseChoice.of(context.source(), context.spec());
        PatternCheck patterns = new PatternCheck(context);
        databases.forEach(database -> look(context, database.name(), patterns));
        patterns.judge();
        Map<String, String> details = new HashMap<>(server.details());
        details.put("databases", Integer.toString(databases.size()));
        return new ServerFacts(
                server.engine(), server.version(), server.major(), server.systemId(), server.zone(), details);
    }

    private static void requireVersion(BackupContext context, ServerFacts server) {
        boolean mariadb = server.engine().equals(Vendor.MARIADB.type());
        if (server.major() < (mariadb ? OLDEST_MARIADB : OLDEST_MYSQL)) {
            throw new BackupException(
                    ErrorCode.DATABASE_VERSION_UNSUPPORTED,
                    context.source() + " is version " + server.version()
                            + "; supported are MySQL 8.0 and MariaDB 10.11, and later ones",
                    "Upgrade the server.");
        }
    }

    private static void requirePrivileges(BackupContext context) {
        try (Session session = Session.open(context.source(), "", "preflight")) {
            Sql sql = session.sql();
            ServerRelease release = ServerRelease.of(sql);
            Set<String> missing = new TreeSet<>(NEEDED);
            boolean log = sql.truth("SELECT @@log_bin");
            if (log) {
                missing.add(release.vendor().positionPrivilege());
            }
            Optional<String> obstacle = obstacle(sql, release);
            obstacle.ifPresent(each -> missing.add(LOCK));
            Privileges privileges = Privileges.of(sql);
            missing.retainAll(privileges.missing(missing));
            if (!missing.isEmpty() && privileges.unlisted()) {
                context.warn("the account \"" + context.source().user() + "\" lacks " + String.join(", ", missing)
                        + " on *.*, unless one of its roles has them: without, objects may be lacking in the backup");
            } else if (!missing.isEmpty()) {
                throw new BackupException(
                        ErrorCode.DATABASE_PRIVILEGE_MISSING,
                        "the account \"" + context.source().user() + "\" of " + context.source() + " lacks "
                                + String.join(", ", missing) + " on *.*"
                                + obstacle.filter(each -> missing.contains(LOCK)).map(each -> "; " + each).orElse(""),
                        "Grant them: without one of them the backup would be inconsistent or silently lack objects.");
            }
            if (log) {
                warnOfLocks(context, privileges, release.vendor());
            }
        }
    }

    /** Why the account has to lock. */
    private static Optional<String> obstacle(Sql sql, ServerRelease release) {
        try {
            return BinlogProof.obstacle(sql, release);
        } catch (BackupException e) {
            if (e.code() != ErrorCode.DATABASE_PRIVILEGE_MISSING) {
                throw e;
            }
            // it may not ask, which is a privilege that it lacks anyway
            return Optional.empty();
        }
    }

    /** A backup goes without these, but is in the way of others (see {@link Vendor#beforeSnapshot()}). */
    private static void warnOfLocks(BackupContext context, Privileges privileges, Vendor vendor) {
        Set<String> missing = privileges.missing(vendor.sparingPrivileges());
        if (!missing.isEmpty()) {
            context.warn("the account \"" + context.source().user() + "\" lacks " + String.join(", ", missing) + " on *.*: "
                    + vendor.title() + " then keeps its locks on tables that were read until the backup ends, and an ALTER TABLE"
                    + " waits for that, with everybody who comes behind it. Grant them");
        }
    }

    private static void look(BackupContext context, String database, PatternCheck patterns) {
        try (Session session = Session.open(context.source(), database, "preflight")) {
            if (!patterns.allFound()) {
                RelationCatalog.relations(session.sql(), database).forEach(relation ->
                        patterns.table(database, database, relation.name(), relation.view()));
            }
            if (context.spec().selection().sections() == Selection.Sections.SCHEMA) {
                return;
            }
            List<String> tables = session.sql().list(
                    "SELECT concat(table_name, ' (', engine, ')') FROM information_schema.tables WHERE table_schema = ?"
                            + " AND table_type IN ('BASE TABLE', 'SYSTEM VERSIONED') AND engine <> 'InnoDB' AND NOT "
                            + StorageEngines.ownsNoneCondition("engine") + " ORDER BY table_name LIMIT 20",
                    row -> row.getString(1), database);
            if (!tables.isEmpty()) {
                context.warn("database \"" + database + "\": tables whose engine has no snapshots hold the rows of the moment"
                        + " in which they were read: " + String.join(", ", tables));
            }
            List<String> rowless = session.sql().list(
                    "SELECT concat(table_name, ' (', engine, ')') FROM information_schema.tables WHERE table_schema = ? AND "
                            + StorageEngines.ownsNoneCondition("engine") + " ORDER BY table_name LIMIT 20",
                    row -> row.getString(1), database);
            if (!rowless.isEmpty()) {
                context.warn("database \"" + database + "\": only the definitions are taken of tables whose engine keeps no rows"
                        + " of its own: " + String.join(", ", rowless));
            }
        }
    }
}
