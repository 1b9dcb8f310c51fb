package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Session;
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

/** Everything that can be known before the work begins. */
final class Preflight {
    private static final int OLDEST_MYSQL = 800;
    private static final int OLDEST_MARIADB = 1011;

    private Preflight() {}

    static ServerFacts run(BackupContext context) {
        ServerFacts server = ServerRelease.describe(context.source());
        requireVersion(context, server);
        SourcePrivileges.require(context);
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
