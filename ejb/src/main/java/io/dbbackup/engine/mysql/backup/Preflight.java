package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.RestoreMarks;
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
import java.util.SortedSet;
import java.util.function.Supplier;

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
        lookForRestores(context, databases);
        lookForUnlisted(context, server);
        Map<String, String> details = new HashMap<>(server.details());
        details.put("databases", Integer.toString(databases.size()));
        details.put(ServerFacts.DATABASES, Integer.toString(DatabaseChoice.ofServer(context.source())));
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

    /** MariaDB lists directories, and is silent about one that it may not read: all of that database would be missing without a word. */
    private static void lookForUnlisted(BackupContext context, ServerFacts server) {
        if (!context.spec().wholeCluster() || !server.engine().equals(Vendor.MARIADB.type())) {
            return;
        }
        try (Session session = Session.open(context.source(), "", "preflight")) {
            List<String> listed = session.sql().list("SELECT schema_name FROM information_schema.schemata", row -> row.getString(1));
            SortedSet<String> unlisted = TableIds.unlisted(
                    session.sql(), Vendor.MARIADB, listed.stream().filter(name -> DatabaseChoice.isOne(session.sql(), name)).toList());
            unlisted.removeAll(context.spec().excludedDatabases());
            if (!unlisted.isEmpty()) {
                context.warn("InnoDB has tables of " + unlisted.size() + " databases that the server does not list, so that they are not in the"
                        + " backup: " + String.join(", ", unlisted) + ". Their directories are gone, or the server may not read them (owner"
                        + " and permissions): mend that, and take another backup; or leave them out by their names (exclude)");
            }
        }
    }

    /** Before the snapshot, by which MySQL lists triggers; unfinished restores are rare, so that most servers are asked once. */
    private static void lookForRestores(BackupContext context, List<DatabaseChoice.Database> databases) {
        try (Session session = Session.open(context.source(), "", "preflight")) {
            List<String> marks = RestoreMarks.databases(session.sql());
            if (marks.isEmpty()) {
                return;
            }
            boolean caseless = RestoreMarks.caseless(session.sql());
            for (String each : marks) {
                String into = into(session.sql(), each, () -> unreadable(context, each));
                if (into.isEmpty()) {
                    continue;
                }
                List<String> found = databases.stream().map(DatabaseChoice.Database::name)
                        .filter(database -> RestoreMarks.same(database, into, caseless)).toList();
                found.forEach(database -> warnOfUnfinished(context, database, each));
                if (found.isEmpty() && context.spec().wholeCluster() && !context.spec().excludedDatabases().contains(into)) {
                    BesideRestores.of(context).atUnseen();
                    warnOfUnfinished(context, into, each);
                }
            }
        }
        for (DatabaseChoice.Database database : databases) {
            try (Session session = Session.open(context.source(), database.name(), "preflight")) {
                warnOfSuspended(context, session.sql(), database.name(),
                        () -> new TableChoice(session.sql(), database.name(), context.spec().selection()));
            }
        }
    }

    private static void unreadable(BackupContext context, String marks) {
        BesideRestores.of(context).atUnseen();
        context.warn("the account \"" + context.source().user() + "\" may not read the marks of an unfinished restore in " + marks
                + ": whether that is at work on a database of the backup is not known, so that the set does not count as a complete one."
                + " Restart that run or discard it, then take another backup");
    }

    /**
     * Of a database that nothing else tells from a whole one: its tables move into it one after the other, or rows are loaded.
     *
     * @param present sees the present
     */
    static void warnOfUnfinished(BackupContext context, Sql present, String database) {
        boolean caseless = RestoreMarks.caseless(present);
        RestoreMarks.databases(present).stream()
                .filter(marks -> RestoreMarks.same(into(present, marks, () -> unreadable(context, marks)), database, caseless))
                .forEach(marks -> warnOfUnfinished(context, database, marks));
    }

    /** Empty, too, where the account may see that there are marks, but not read them. */
    private static String into(Sql sql, String marks, Runnable unreadable) {
        try {
            return RestoreMarks.into(sql, marks);
        } catch (BackupException e) {
            if (e.code() != ErrorCode.DATABASE_PRIVILEGE_MISSING) {
                throw e;
            }
            unreadable.run();
            return "";
        }
    }

    private static void warnOfUnfinished(BackupContext context, String database, String marks) {
        BesideRestores.warn(context, database, "database \"" + database + "\": an unfinished restore is at work on it, whose marks are in " + marks
                + ", so that the backup may hold only a part of its tables, rows, views, routines and triggers, and its set does not count as"
                + " a complete one. Restart that run or discard it, then take another backup");
    }

    /**
     * Of triggers that a restore of rows alone has dropped meanwhile: nothing else would tell that they are not in the set.
     *
     * @param present sees the present
     */
    static void warnOfSuspended(BackupContext context, Sql present, String database, Supplier<TableChoice> choice) {
        if (context.spec().selection().sections() == Selection.Sections.DATA) {
            return;
        }
        RestoreMarks.suspended(present, database).stream()
                .map(suspended -> suspended.of(choice.get()::takes))
                .filter(suspended -> !suspended.triggers().isEmpty())
                .forEach(suspended -> BesideRestores.warn(context, database, "database \"" + database + "\": run " + suspended.run()
                        + ", an unfinished restore of rows alone, has these triggers suspended, and they are not in the backup: "
                        + suspended.names() + ". Restart that run or discard it, which creates them again, then take another backup"));
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
