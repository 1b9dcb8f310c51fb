package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.DefinitionsReader;
import io.dbbackup.engine.mysql.Privileges;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.io.IOException;
import java.io.InputStream;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/** Refuses a restore for lack of privileges before its rows are loaded, and not after that. */
final class PrivilegeCheck {
    private static final List<String> TABLES =
            List.of("SELECT", "INSERT", "CREATE", "DROP", "ALTER", "INDEX");
    private static final Map<Definition.Kind, List<String>> MORE = Map.of(
            Definition.Kind.FOREIGN_KEYS, List.of("REFERENCES"),
            Definition.Kind.ROUTINE, List.of("CREATE ROUTINE", "ALTER ROUTINE"),
            Definition.Kind.VIEW, List.of("CREATE VIEW", "SHOW VIEW"),
            Definition.Kind.TRIGGER, List.of("TRIGGER"),
            Definition.Kind.EVENT, List.of("EVENT"));

    /** Any of these lets an account act as others. */
    private static final Set<String> DEFINE = Set.of("SUPER", "SET USER", "SET_USER_ID", "SET_ANY_DEFINER");
    /** Lets an account create and drop triggers that replicas repeat; in MariaDB, too, no newer privilege does (error 1419). */
    private static final String TRUST = "SUPER";

    private final RestoreContext context;
    private final Sql sql;
    private final Vendor vendor;
    private final Privileges server;

    PrivilegeCheck(RestoreContext context, Sql sql) {
        this.context = context;
        this.sql = sql;
        vendor = ServerRelease.of(sql).vendor();
        server = Privileges.of(sql);
    }

    /** Roles of MySQL may hold what is missing, so that there it is a warning. */
    void run() {
        Set<String> missing = new TreeSet<>();
        RestoreTarget.all(context).forEach(target -> missing.addAll(missing(target)));
        if (missing.isEmpty()) {
            return;
        }
        String cause = "the account \"" + context.target().user() + "\" of " + context.target() + " lacks "
                + String.join(", ", missing) + " for this restore";
        if (server.unlisted()) {
            context.warn(cause + ", unless one of its roles has them");
            return;
        }
        throw new BackupException(
                ErrorCode.DATABASE_PRIVILEGE_MISSING,
                cause,
                "Grant them on *.*, or restore with another account; what is said of definers and triggers does not count with"
                        + " owners=false and log_bin_trust_function_creators = ON.");
    }

    /** Whether it may have more than is listed. */
    boolean unlisted() {
        return server.unlisted();
    }

    /** What it lacks to create triggers that act as others. */
    Set<String> missingFor(Collection<String> definers) {
        Set<String> missing = new TreeSet<>();
        String self = sql.text("SELECT current_user()");
        if (!mayDefine() && definers.stream().anyMatch(definer -> !definer.equals(self))) {
            missing.add(define());
        }
        if (!mayTrust()) {
            missing.add(TRUST);
        }
        return missing;
    }

    private String define() {
        return vendor == Vendor.MARIADB ? "SET USER" : "SET_USER_ID (since 8.2 SET_ANY_DEFINER)";
    }

    private Set<String> missing(RestoreTarget target) {
        Privileges last = Privileges.of(sql, target.name());
        Set<String> missing = new TreeSet<>(Privileges.of(sql, target.temporaryName()).missing(TABLES));
        missing.addAll(last.missing(TABLES));
        if (target.loadedTables(context).stream().anyMatch(table -> !RestoreTarget.properties(table).transactional())) {
            missing.addAll(Privileges.of(sql, target.loadedName(context)).missing(List.of("LOCK TABLES")));
        }
        boolean all = last.missing(MORE.values().stream().flatMap(List::stream).toList()).isEmpty();
        if (!all || !mayDefine() || !mayTrust()) {
            Needs needs = needs(target);
            needs.kinds.stream().map(kind -> MORE.getOrDefault(kind, List.of())).map(last::missing).forEach(missing::addAll);
            if (needs.definers && !mayDefine()) {
                missing.add(define());
            }
            if (needs.kinds.contains(Definition.Kind.TRIGGER) && !mayTrust()) {
                missing.add(TRUST);
            }
        }
        return missing;
    }

    /** What others' views, routines, triggers and events take. */
    private boolean mayDefine() {
        return DEFINE.stream().anyMatch(server.held()::contains);
    }

    /** What triggers take where there is a binary log. */
    private boolean mayTrust() {
        return server.held().contains(TRUST) || !sql.truth("SELECT @@log_bin")
                || sql.truth("SELECT @@global.log_bin_trust_function_creators");
    }

    /** Kinds of definitions, and whether there are definers other than the account itself. */
    private record Needs(Set<Definition.Kind> kinds, boolean definers) {}

    private Needs needs(RestoreTarget target) {
        Set<Definition.Kind> kinds = EnumSet.noneOf(Definition.Kind.class);
        boolean[] definers = new boolean[1];
        String self = Quoted.currentUser(sql);
        boolean kept = context.spec().owners() && context.spec().definer().isEmpty();
        target.manifest(context).afterDataBlob().ifPresent(blob -> {
            try (InputStream plain = context.set().open(target.blob(context, blob))) {
                DefinitionsReader.read(plain, definition -> {
                    context.cancellation().check();
                    kinds.add(definition.kind());
                    definers[0] |= kept && Definers.of(definition.statement()).filter(who -> !who.equals(self)).isPresent();
                });
            } catch (IOException e) {
                throw SchemaItem.unreadable(blob, e);
            }
        });
        return new Needs(kinds, definers[0] || context.spec().definer().isPresent());
    }
}
