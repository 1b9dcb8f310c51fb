package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.MissingPrivileges;
import io.dbbackup.engine.mysql.Privileges;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.BackupSpec;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What the account of a backup has to have. The servers show what an account may see and are silent about the rest, so a backup
 * without one of these privileges would lack objects, or not be of one instant.
 */
final class SourcePrivileges {
    /** For what belongs to databases: where only some are chosen, to have them there suffices. */
    private static final Set<String> OBJECTS = Set.of("SELECT", "SHOW VIEW", "TRIGGER", "EVENT");
    private static final String READ = "SELECT";
    private static final String LOCK = "RELOAD";
    /** Shows the numbers of InnoDB's tables, see {@link TablesBefore}. */
    private static final String PROCESS = "PROCESS";
    /** Since MySQL 8.0.20; see "Stored Routines and MySQL Privileges" in its manual. */
    private static final String SHOW_ROUTINE = "SHOW_ROUTINE";
    private static final String SERVER = "*.*";
    /** MariaDB shows routines to others than their owners if they may read this. */
    private static final String ROUTINES = "mysql.proc";

    private final BackupContext context;
    private final Sql sql;
    private final ServerRelease release;
    private final Privileges server;
    private final MissingPrivileges missing;
    private final List<String> reasons = new ArrayList<>();
    /** Without which a backup is less than it could be, each with what is lost. */
    private final Map<String, String> advised = new LinkedHashMap<>();

    private SourcePrivileges(BackupContext context, Sql sql) {
        this.context = context;
        this.sql = sql;
        release = ServerRelease.of(sql);
        server = Privileges.of(sql);
        missing = new MissingPrivileges(sql);
    }

    /**
     * Looks at all of them. Of an account with roles of MySQL nobody knows what it has, so that there it is a warning.
     *
     * @throws BackupException DATABASE_PRIVILEGE_MISSING with the statements that grant what is missing
     */
    static void require(BackupContext context) {
        try (Session session = Session.open(context.source(), "", "preflight")) {
            new SourcePrivileges(context, session.sql()).require();
        }
    }

    private void require() {
        boolean log = sql.truth("SELECT @@log_bin");
        if (log) {
            missing.onServer(server.missing(Set.of(release.vendor().positionPrivilege())));
        }
        if (!server.missing(Set.of(LOCK)).isEmpty()) {
            requireLock();
        }
        objects();
        revoked();
        Set<String> sparing = log ? server.missing(release.vendor().sparingPrivileges()) : Set.of();
        sparing.stream().filter(each -> !each.equals(LOCK)).forEach(each -> advised.put(each, keepsLocks()));
        advise(PROCESS, "partitions that are exchanged, tablespaces that are imported and tables that swap their names during the backup"
                + " are not noticed");
        release.vendor().definitionsPrivilege().ifPresent(each -> advise(each, "an ALTER TABLE may come in the way of the lock"));
        if (!missing.isEmpty()) {
            refuse();
        } else {
            if (!sparing.isEmpty()) {
                warnOfLocks(sparing);
            }
            sparing.forEach(advised::remove);
            if (!advised.isEmpty()) {
                context.advise(account() + " lacks " + String.join(", ", advised.keySet()) + " on *.*, and a backup does without"
                        + (server.unlisted() ? ", unless one of its roles has them" : "") + ".\n" + advice());
            }
        }
    }

    /** Where nothing but a lock proves that all sessions see one instant; elsewhere it is advised. */
    private void requireLock() {
        try {
            Optional<String> obstacle = BinlogProof.obstacle(sql, release);
            if (obstacle.isPresent()) {
                missing.onServer(Set.of(LOCK));
                reasons.add(obstacle.get());
            } else {
                advised.put(LOCK, "the binary log alone proves that all is of one instant, which it cannot of changes with sql_log_bin = 0");
            }
        } catch (BackupException e) {
            if (e.code() != ErrorCode.DATABASE_PRIVILEGE_MISSING) {
                throw e;
            }
            // it may not ask, which is a privilege that it lacks anyway
            advised.put(LOCK, "the binary log alone proves that all is of one instant, and where it cannot, the backup is refused");
        }
    }

    private void advise(String privilege, String loss) {
        if (!server.missing(Set.of(privilege)).isEmpty()) {
            advised.put(privilege, loss);
        }
    }

    private String advice() {
        MissingPrivileges wanted = new MissingPrivileges(sql);
        wanted.onServer(advised.keySet());
        return wanted.grants() + "\n" + advised.entrySet().stream().map(each -> "Without " + each.getKey() + " " + each.getValue() + ".")
                .collect(Collectors.joining(" "));
    }

    private String account() {
        return "the account \"" + context.source().user() + "\" of " + context.source();
    }

    private void objects() {
        Set<String> lacking = server.missing(OBJECTS);
        if (lacking.isEmpty() || context.spec().wholeCluster()) {
            missing.onServer(lacking);
            return;
        }
        if (lacking.contains(READ) && !mayReadRoutines()) {
            String where = release.vendor() == Vendor.MARIADB ? ROUTINES : SERVER;
            missing.on(where, Set.of(READ));
            lacking.removeIf(each -> each.equals(READ) && where.equals(SERVER));
            reasons.add("without " + READ + " on " + where + (where.equals(SERVER) ? " (or " + SHOW_ROUTINE + ", since MySQL 8.0.20)" : "")
                    + " routines of others are not seen");
        }
        context.spec().databases().forEach(database -> missing.inDatabase(database, lacking));
    }

    /** Also without SELECT on the whole server. MySQL before 8.0.20 shows no others' routines then. */
    private boolean mayReadRoutines() {
        if (release.vendor() == Vendor.MYSQL) {
            return server.missing(Set.of(SHOW_ROUTINE)).isEmpty();
        }
        try {
            sql.text("SELECT name FROM " + ROUTINES + " LIMIT 0");
            return true;
        } catch (BackupException e) {
            if (e.code() != ErrorCode.DATABASE_PRIVILEGE_MISSING) {
                throw e;
            }
        }
        return false;
    }

    /** What MySQL lists as granted on the whole server it may take away in one database, which the account then may not even see. */
    private void revoked() {
        if (release.vendor() != Vendor.MYSQL) {
            return;
        }
        BackupSpec spec = context.spec();
        PartialRevokes.in(sql.list("SHOW GRANTS", row -> row.getString(1)), OBJECTS).forEach((database, privileges) -> {
            boolean taken = spec.wholeCluster()
                    ? !DatabaseChoice.ofTheServer(database) && !spec.excludedDatabases().contains(database)
                    : spec.databases().contains(database);
            if (taken) {
                missing.on(missing.place(database), privileges);
                reasons.add("a partial revoke takes them away in \"" + database + "\", which is not left out by its name (exclude)");
            }
        });
    }

    private void refuse() {
        String lacks = account() + " lacks " + missing.text() + (reasons.isEmpty() ? "" : ": " + String.join("; ", reasons));
        String remedy = missing.grants();
        if (server.unlisted()) {
            context.warn(lacks + "; unless one of its roles has them, objects may be lacking in the backup.\n" + remedy);
        } else {
            throw new BackupException(
                    ErrorCode.DATABASE_PRIVILEGE_MISSING, lacks,
                    "Execute on the source:\n" + remedy + "\nWithout one of them the backup would be inconsistent or silently lack objects."
                            + (advised.isEmpty() ? "" : " Recommended besides, not required:\n" + advice()));
        }
    }

    /** A backup goes without these, but is in the way of others (see {@link Vendor#beforeSnapshot()}). */
    private void warnOfLocks(Set<String> sparing) {
        MissingPrivileges wanted = new MissingPrivileges(sql);
        wanted.onServer(sparing);
        context.warn("the account \"" + context.source().user() + "\" lacks " + String.join(", ", sparing) + " on *.*: " + keepsLocks()
                + ".\n" + wanted.grants());
    }

    private String keepsLocks() {
        return release.vendor().title() + " keeps its locks on tables that were read until the backup ends, and an ALTER TABLE"
                + " waits for that, with everybody who comes behind it";
    }
}
