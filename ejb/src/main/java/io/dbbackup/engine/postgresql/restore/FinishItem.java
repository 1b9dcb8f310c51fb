package io.dbbackup.engine.postgresql.restore;

import static io.dbbackup.engine.postgresql.Quoting.identifier;
import static io.dbbackup.engine.postgresql.Quoting.literal;

import io.dbbackup.engine.postgresql.DatabaseProperties;
import io.dbbackup.engine.postgresql.DatabaseProperties.Grant;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;

/**
 * Makes a database complete and visible under its final name. The renaming is the commit point; after it only the database
 * that was replaced is dropped.
 *
 * <p>Idempotent: the database is found by its oid, which the schema item recorded and which survives the renaming.
 */
final class FinishItem {
    ItemResult execute(RestoreContext context, WorkItem item) {
        String source = item.payload(DatabaseTask.class).database();
        RestoreTarget target = RestoreTarget.of(context, source);
        SetDatabase database = SetDatabase.of(context, source);
        long oid = TargetDatabase.created(context, target);
        if (!nameOf(context, target, oid).equals(target.name())) {
            checkRows(context, target, database.manifest());
            dropMarkers(context, target);
            try (TargetSession maintenance = TargetSession.maintenance(context, "restore", target.name())) {
                Sql sql = maintenance.sql();
                TargetDatabase.applyOrWarn(context, sql,
                        statements(context, target, database.properties(), grantees(sql, target)));
            }
            Replacement.replace(context, target);
        }
        Replacement.dropFormer(context, target);
        SchemaArchive.release(context, source);
        return ItemResult.of(new CreatedDatabase(target.name(), oid));
    }

    private static String nameOf(RestoreContext context, RestoreTarget target, long oid) {
        try (TargetSession maintenance = TargetSession.maintenance(context, "restore", target.name())) {
            return maintenance
                    .sql()
                    .first("SELECT datname FROM pg_catalog.pg_database WHERE oid = ?", row -> row.getString(1), oid)
                    .orElseThrow(() -> new BackupException(
                            ErrorCode.UNKNOWN_DATABASE,
                            "database " + target.temporaryName() + " (oid " + oid + "), which this run created on "
                                    + context.target() + ", is gone",
                            "Discard the run: its restart then begins this database anew. Or start a new restore of database \""
                                    + target.source() + "\"."));
        }
    }

    /** The markers as the witness that every item the catalog calls done is in the database. */
    private static void checkRows(RestoreContext context, RestoreTarget target, DatabaseManifest manifest) {
        try (TargetSession session = TargetSession.open(context, target.temporaryName(), "restore")) {
            OptionalLong found = Markers.rows(session.sql());
            long expected = manifest.tables().stream().map(TableManifest::content).mapToLong(c -> c.rows()).sum();
            if (found.isPresent() && found.getAsLong() != expected) {
                throw new BackupException(
                        ErrorCode.ROW_COUNT_MISMATCH,
                        "database \"" + target.source() + "\" took " + found.getAsLong() + " rows on "
                                + context.target() + ", the set has " + expected,
                        "The target lost committed data, as a server without fsync does in a crash: start a new restore.");
            }
        }
    }

    /** Event triggers may forbid DDL: they are disabled and enabled again within the transaction that drops the schema. */
    private static void dropMarkers(RestoreContext context, RestoreTarget target) {
        try (TargetSession session = TargetSession.open(context, target.temporaryName(), "restore")) {
            Sql sql = session.sql();
            session.transaction(() -> {
                List<String> enable = sql.list(
                        "SELECT pg_catalog.format('ALTER EVENT TRIGGER %I ENABLE %s', evtname,"
                                + " CASE evtenabled WHEN 'R' THEN 'REPLICA' WHEN 'A' THEN 'ALWAYS' ELSE '' END)"
                                + " FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D' ORDER BY evtname",
                        row -> row.getString(1));
                List<String> disable = sql.list(
                        "SELECT pg_catalog.format('ALTER EVENT TRIGGER %I DISABLE', evtname)"
                                + " FROM pg_catalog.pg_event_trigger WHERE evtenabled <> 'D' ORDER BY evtname",
                        row -> row.getString(1));
                disable.forEach(sql::run);
                sql.run("DROP SCHEMA IF EXISTS " + Markers.SCHEMA + " CASCADE");
                enable.forEach(sql::run);
            });
        }
    }

    private static List<String> statements(
            RestoreContext context, RestoreTarget target, DatabaseProperties properties, List<String> grantees) {
        List<String> statements = new ArrayList<>();
        String database = "DATABASE " + identifier(target.temporaryName());
        if (!properties.comment().isEmpty()) {
            statements.add("COMMENT ON " + database + " IS " + literal(properties.comment()));
        }
        properties.securityLabels().forEach(label -> statements.add("SECURITY LABEL FOR "
                + identifier(label.provider()) + " ON " + database + " IS " + literal(label.label())));
        if (context.spec().owners()) {
            grants(statements, database, properties, grantees);
        }
        statements.addAll(DatabaseSettings.late(properties, target.temporaryName()));
        if (properties.connectionLimit() != -1) {
            statements.add("ALTER " + database + " CONNECTION LIMIT " + properties.connectionLimit());
        }
        if (properties.template()) {
            statements.add("ALTER " + database + " IS_TEMPLATE true");
        }
        return statements;
    }

    /** Who has been granted something by an attempt before this one; the empty name is PUBLIC. */
    private static List<String> grantees(Sql sql, RestoreTarget target) {
        return sql.list(
                """
                SELECT DISTINCT CASE a.grantee WHEN 0 THEN '' ELSE pg_catalog.pg_get_userbyid(a.grantee) END
                FROM pg_catalog.pg_database d CROSS JOIN LATERAL pg_catalog.aclexplode(d.datacl) a
                WHERE d.datname = ? ORDER BY 1
                """,
                row -> row.getString(1), target.temporaryName());
    }

    private static void grants(
            List<String> statements, String database, DatabaseProperties properties, List<String> granted) {
        if (properties.defaultPrivileges()) {
            return;
        }
        // when this is done once more after a crash, the entries must come in the same order again
        Set<String> grantees = new LinkedHashSet<>(List.of(""));
        if (!properties.owner().isEmpty()) {
            grantees.add(properties.owner());
        }
        grantees.addAll(granted);
        grantees.forEach(grantee -> statements.add("REVOKE ALL ON " + database + " FROM " + grantee(grantee)));
        for (Grant grant : properties.grants()) {
            statements.add("GRANT " + grant.privilege() + " ON " + database + " TO " + grantee(grant.grantee())
                    + (grant.grantable() ? " WITH GRANT OPTION" : ""));
        }
    }

    private static String grantee(String name) {
        return name.isEmpty() ? "PUBLIC" : identifier(name);
    }
}
