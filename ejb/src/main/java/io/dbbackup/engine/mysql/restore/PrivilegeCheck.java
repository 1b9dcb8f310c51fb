package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.DefinitionsReader;
import io.dbbackup.engine.mysql.MissingPrivileges;
import io.dbbackup.engine.mysql.Privileges;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.SpatialReferences;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Refuses a restore for lack of privileges, or of trust in its functions, before its rows are loaded, and not after that. */
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
    /** Lets an account create functions, and create and drop triggers, that replicas repeat; in MariaDB, too, no newer privilege does (error 1419). */
    private static final String TRUST = "SUPER";
    /** What takes the place of SET_USER_ID in MySQL, from 8.2 on. */
    private static final int OTHER_DEFINERS = 802;
    private static final Set<String> TRIED = Set.of("CREATE", "DROP", "TRIGGER");

    /** Either lets an account create spatial reference systems. */
    private static final Set<String> SPATIAL = Set.of("SUPER", "CREATE_SPATIAL_REFERENCE_SYSTEM");

    private final RestoreContext context;
    private final Sql sql;
    private final ServerRelease release;
    private final Privileges server;
    private final MissingPrivileges missing;
    private final AccountPrivileges accounts;
    /** That are not needed with another parameter or setting, and which one that is. */
    private final Set<String> waived = new TreeSet<>();
    /** Functions that the target takes from nobody. */
    private final List<String> refused = new ArrayList<>();

    PrivilegeCheck(RestoreContext context, Sql sql) {
        this.context = context;
        this.sql = sql;
        release = ServerRelease.of(sql);
        server = Privileges.of(sql);
        missing = new MissingPrivileges(sql);
        accounts = new AccountPrivileges(context, sql, release.vendor(), server);
    }

    /** Roles of MySQL may hold what is missing, so that there it is a warning. */
    void run() {
        RestoreTarget.all(context).forEach(this::look);
        new ForeignTables(context, sql, missing).look(server);
        accounts.look();
        if (!refused.isEmpty()) {
            throw new BackupException(
                    ErrorCode.DATABASE_WRONG,
                    context.target() + " has a binary log and does not trust functions (log_bin_trust_function_creators is OFF), so that it"
                            + " would not create these, which say neither DETERMINISTIC nor NO SQL nor READS SQL DATA: "
                            + String.join("; ", refused),
                    "Execute SET GLOBAL log_bin_trust_function_creators = ON on the target, at least until they are restored.");
        }
        refuse(" for this restore");
    }

    /** Refuses an account that cannot restore those of the set. */
    void requireAccounts() {
        accounts.look();
        refuse(" for this restore");
    }

    /** Refuses triggers that act as others, and those that an account may not create beside a binary log. */
    void requireTriggers(RestoreTarget target, Collection<String> definers, String what) {
        String self = sql.text("SELECT current_user()");
        if (definers.stream().anyMatch(definer -> !definer.equals(self))) {
            requireDefine("");
        }
        requireTrust();
        // where they are tried out
        missing.inDatabases(RestoreTarget.PREFIX, target.temporaryName(), TRIED);
        refuse(" to create triggers again that would fire: " + what);
    }

    /** Refuses an account to which the server does not show the triggers of a database. */
    void requireSight(RestoreTarget target) {
        missing.inDatabase(target.name(), Set.of("TRIGGER"));
        refuse(", without which it does not see whether triggers would fire");
    }

    /** @param what what it is missing for */
    private void refuse(String what) {
        String who = "the account \"" + context.target().user() + "\" of " + context.target() + " lacks ";
        if (missing.isEmpty() && !accounts.lacking()) {
            accounts.advice().ifPresent(advice -> context.warn(who + advice));
            return;
        }
        String cause = who + Stream.of(missing.text(), accounts.text()).filter(text -> !text.isEmpty())
                .collect(Collectors.joining(", and ")) + what;
        List<String> remedy = new ArrayList<>();
        if (!missing.isEmpty()) {
            remedy.add("Execute on the target:\n" + missing.grants());
        }
        remedy.addAll(waived);
        remedy.addAll(accounts.remedy());
        if (server.unlisted()) {
            context.warn(cause + "; unless one of its roles has them, the restore fails.\n" + String.join("\n", remedy));
            return;
        }
        remedy.add("Or restore with another account.");
        throw new BackupException(ErrorCode.DATABASE_PRIVILEGE_MISSING, cause, String.join("\n", remedy));
    }

    private void requireDefine(String waiver) {
        if (DEFINE.stream().noneMatch(server.held()::contains)) {
            missing.onServer(Set.of(define()));
            if (!waiver.isEmpty()) {
                waived.add(define() + waiver);
            }
        }
    }

    private void requireTrust() {
        if (!mayTrust()) {
            missing.onServer(Set.of(TRUST));
            waived.add(TRUST + " is not needed with log_bin_trust_function_creators = ON on the target.");
        }
    }

    private String define() {
        return release.vendor() == Vendor.MARIADB ? "SET USER" : release.series() < OTHER_DEFINERS ? "SET_USER_ID" : "SET_ANY_DEFINER";
    }

    private void look(RestoreTarget target) {
        Privileges last = Privileges.of(sql, target.name());
        missing.inDatabases(RestoreTarget.PREFIX, target.temporaryName(), loading(target));
        missing.inDatabase(target.name(), TABLES);
        List<Long> lacking = target.properties(context).spatialReferences().stream()
                .filter(id -> SpatialReferences.find(sql, id).isEmpty()).toList();
        if (!lacking.isEmpty() && SPATIAL.stream().noneMatch(server.held()::contains)) {
            Set<Long> named = named(target, lacking);
            if (!named.isEmpty()) {
                missing.onServer(Set.of("SUPER"));
                waived.add("SUPER (newer releases: CREATE_SPATIAL_REFERENCE_SYSTEM) is not needed when somebody creates the spatial reference"
                        + " systems " + named + " of database \"" + target.name() + "\" with the statements in schema.sql of the set.");
            }
        }
        boolean all = last.missing(MORE.values().stream().flatMap(List::stream).toList()).isEmpty();
        if (!all || !mayDefine() || !trusting()) {
            Needs needs = needs(target);
            missing.inDatabase(target.name(),
                    needs.kinds.stream().flatMap(kind -> MORE.getOrDefault(kind, List.of()).stream()).toList());
            if (needs.definers) {
                requireDefine(context.spec().definer().isEmpty() ? " is not needed with owners=false." : "");
            }
            if (needs.trust) {
                requireTrust();
            }
            if (!needs.refused.isEmpty() && !trusting()) {
                refused.add("of database \"" + target.name() + "\" " + String.join(", ", needs.refused));
            }
        }
    }

    /** Spatial reference systems without which a table cannot be created; of the others a value may need one. */
    private Set<Long> named(RestoreTarget target, List<Long> lacking) {
        Set<Long> named = new TreeSet<>();
        SchemaItem.read(context, target, definition -> {
            if (definition.kind() == Definition.Kind.TABLE) {
                lacking.stream().filter(id -> definition.statement().contains("SRID " + id + " ")).forEach(named::add);
            }
        });
        return named;
    }

    /** While its rows are loaded. */
    private List<String> loading(RestoreTarget target) {
        List<String> needed = new ArrayList<>(TABLES);
        if (target.loadedTables(context).stream().anyMatch(table -> !RestoreTarget.properties(table).transactional())) {
            needed.add("LOCK TABLES");
            // the markers', which cannot be written together with such rows
            needed.add("UPDATE");
        }
        if (target.loadedTables(context).stream().anyMatch(table -> RestoreTarget.properties(table).historyRows() > 0)) {
            // see PieceLoader
            needed.add("DELETE");
        }
        return needed;
    }

    /** What others' views, routines, triggers and events take. */
    private boolean mayDefine() {
        return DEFINE.stream().anyMatch(server.held()::contains);
    }

    /** What functions and triggers take where there is a binary log. */
    private boolean mayTrust() {
        return server.held().contains(TRUST) || trusting();
    }

    private boolean trusting() {
        return !sql.truth("SELECT @@log_bin") || sql.truth("SELECT @@global.log_bin_trust_function_creators");
    }

    /**
     * Of definitions.
     *
     * @param definers whether there are others than the account itself
     * @param trust whether there are functions or triggers
     * @param refused see {@link LoggedFunction#refused}
     */
    private record Needs(Set<Definition.Kind> kinds, boolean definers, boolean trust, List<String> refused) {}

    private Needs needs(RestoreTarget target) {
        Set<Definition.Kind> kinds = EnumSet.noneOf(Definition.Kind.class);
        boolean[] definers = new boolean[1];
        boolean[] trust = new boolean[1];
        List<String> functions = new ArrayList<>();
        String self = Quoted.currentUser(sql);
        boolean kept = context.spec().owners() && context.spec().definer().isEmpty();
        target.manifest(context).afterDataBlob().ifPresent(blob -> {
            try (InputStream plain = context.set().open(target.blob(context, blob))) {
                DefinitionsReader.read(plain, definition -> {
                    context.cancellation().check();
                    kinds.add(definition.kind());
                    trust[0] |= definition.kind() == Definition.Kind.TRIGGER || LoggedFunction.is(definition);
                    if (LoggedFunction.refused(definition)) {
                        functions.add(definition.name());
                    }
                    definers[0] |= kept && Definers.of(definition.statement()).filter(who -> !who.equals(self)).isPresent();
                });
            } catch (IOException e) {
                throw SchemaItem.unreadable(blob, e);
            }
        });
        return new Needs(kinds, definers[0] || context.spec().definer().isPresent(), trust[0], functions);
    }
}
