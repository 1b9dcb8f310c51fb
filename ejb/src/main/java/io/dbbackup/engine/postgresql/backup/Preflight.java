package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.partial.PatternCheck;
import io.dbbackup.engine.postgresql.PgTools;
import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.spi.BackupContext;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.stream.Collectors;

/** Everything that can be known before the work begins. */
final class Preflight {
    static final int OLDEST = 13;
    static final int NEWEST = 18;

    private Preflight() {}

    static ServerFacts run(BackupContext context) {
        Endpoint source = context.source();
        ServerFacts server = ServerCatalog.describe(source);
        requireVersion(source, server);
        PgTools tools = PgTools.find(source, server.major());
        tools.program("pg_dump");
        boolean pooled = PoolerCheck.check(source, source.maintenanceDatabase());
        DatabaseSelection selection = DatabaseSelection.of(source, context.spec());
        if (context.spec().globals()) {
            tools.program("pg_dumpall");
            requireRoles(context);
        }
        PrivilegeCheck privileges = new PrivilegeCheck(source.user(), server.major(), context.spec().selection());
        PatternCheck patterns = new PatternCheck(context);
        for (ServerCatalog.Database database : selection.chosen()) {
            context.cancellation().check();
            look(source, database.name(), privileges, patterns);
        }
        privileges.judge();
        patterns.judge();
        return facts(context, server, tools, pooled, selection);
    }

    private static void look(Endpoint source, String database, PrivilegeCheck privileges, PatternCheck patterns) {
        try {
            ServerCatalog.ask(source, database, "preflight", sql -> {
                privileges.look(database, sql);
                if (!patterns.allFound()) {
                    RelationCatalog.relations(sql).forEach(relation ->
                            patterns.table(database, relation.schema(), relation.name(), relation.view()));
                }
                return null;
            });
        } catch (BackupException e) {
            if (e.code() != ErrorCode.DATABASE_PRIVILEGE_MISSING) {
                throw e;
            }
            privileges.closed(database);
        }
    }

    private static void requireVersion(Endpoint source, ServerFacts server) {
        if (server.major() < OLDEST || server.major() > NEWEST) {
            throw new BackupException(
                    ErrorCode.DATABASE_VERSION_UNSUPPORTED,
                    source + " is PostgreSQL " + server.version() + "; supported are " + OLDEST + " to " + NEWEST,
                    "Use a version of dbbackup that supports it, or upgrade the server.");
        }
    }

    private static void requireRoles(BackupContext context) {
        Endpoint source = context.source();
        boolean readable = ServerCatalog.ask(source, source.maintenanceDatabase(), "preflight", sql ->
                sql.truth("SELECT has_table_privilege('pg_authid', 'SELECT')"));
        if (context.spec().rolePasswords() && !readable) {
            throw new BackupException(
                    ErrorCode.DATABASE_PRIVILEGE_MISSING,
                    "the role \"" + source.user() + "\" cannot read the password hashes of roles (table pg_authid)",
                    "Execute as a superuser:\nGRANT SELECT ON pg_catalog.pg_authid TO " + Quoting.identifier(source.user())
                            + ";\nOr set rolePasswords: false (role_passwords in the policy) to back up roles without their"
                            + " passwords, or use a superuser.");
        }
    }

    private static ServerFacts facts(
            BackupContext context, ServerFacts server, PgTools tools, boolean pooled, DatabaseSelection selection) {
        Map<String, String> details = new LinkedHashMap<>(server.details());
        details.put(PgTools.TOOL_VERSION, tools.version());
        details.put("databases", Integer.toString(selection.chosen().size()));
        details.put(ServerFacts.DATABASES, Integer.toString(selection.ofServer()));
        details.put("databaseBytes", Long.toString(selection.bytes()));
        if (pooled) {
            details.put("pooler", "session");
        }
        if (!selection.leftOut().isEmpty()) {
            details.put("databasesLeftOut", selection.leftOut().entrySet().stream()
                    .map(entry -> "\"" + entry.getKey() + "\": " + entry.getValue())
                    .sorted()
                    .collect(Collectors.joining("; ")));
        }
        selection.leftOut().forEach((name, reason) -> {
            if (reason.equals(DatabaseSelection.CLOSED)) {
                context.warn("database \"" + name + "\" " + reason + " and is not in the backup");
            } else if (reason.equals(DatabaseSelection.UNFINISHED)) {
                context.warn("database \"" + name + "\" " + reason + " and is not in the backup: restart that run, whose id ends with the"
                        + " digits in the name, or discard it");
            }
        });
        return new ServerFacts(
                server.engine(), server.version(), server.major(), server.systemId(), server.zone(), details);
    }
}
