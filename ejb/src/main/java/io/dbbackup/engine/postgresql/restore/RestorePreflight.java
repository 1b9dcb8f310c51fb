package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.DatabaseProperties;
import io.dbbackup.engine.postgresql.DatabaseProperties.Extension;
import io.dbbackup.engine.postgresql.PgTools;
import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.RestoreSpec.Globals;
import io.dbbackup.spi.TablespaceChoice;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Refuses what cannot work or would overwrite something unconfirmed, each kind of obstacle with all its cases. */
final class RestorePreflight {
    private static final int LONGEST_NAME = 63;

    private final RestoreContext context;
    private final List<RestoreTarget> targets;
    /** Of every database by its name in the set; the manifests themselves are not kept. */
    private final Map<String, DatabaseProperties> properties = new HashMap<>();

    RestorePreflight(RestoreContext context) {
        this.context = context;
        this.targets = RestoreTarget.all(context);
    }

    void check() {
        if (context.spec().definer().isPresent()) {
            throw new BackupException(
                    ErrorCode.INVALID_PARAMETER,
                    "a definer is given, and " + context.target() + " is a PostgreSQL, which has none",
                    "Leave definer out; owners=false gives everything to the restoring role.");
        }
        if (context.spec().suspendTriggers()) {
            throw new BackupException(
                    ErrorCode.INVALID_PARAMETER,
                    "suspendTriggers is given, and " + context.target() + " is a PostgreSQL, whose triggers keep quiet while they"
                            + " exist",
                    "Leave suspendTriggers out.");
        }
        checkNames();
        try (TargetSession session = TargetSession.maintenance(context, "restore preflight")) {
            checkServer(session);
            PgTools tools = RestoreTools.of(context);
            tools.program("pg_restore");
            tools.program("psql");
            if (DataOnly.is(context)) {
                DataPreflight.check(context, session.sql(), targets);
                return;
            }
            checkExisting(session.sql());
            checkPrivileges(session.sql());
            targets.forEach(target -> properties.put(
                    target.source(), SetDatabase.of(context, target.source()).properties()));
            checkTablespaces(session.sql());
            checkOwners(session.sql());
            checkExtensions(session.sql());
            new LocaleCheck(context, session).check(properties);
        }
    }

    private void checkNames() {
        Set<String> seen = new HashSet<>();
        for (RestoreTarget target : targets) {
            String name = target.name();
            if (!seen.add(name)) {
                throw new BackupException(
                        ErrorCode.INVALID_PARAMETER,
                        "two databases of the set are to be restored as \"" + name + "\"",
                        "Give each database a name of its own.");
            }
            if (name.isEmpty() || name.getBytes(StandardCharsets.UTF_8).length > LONGEST_NAME || name.indexOf(0) >= 0
                    || name.equals("template0") || name.startsWith(RestoreTarget.PREFIX)) {
                throw new BackupException(
                        ErrorCode.INVALID_PARAMETER,
                        "\"" + name + "\" cannot be the name of a restored database",
                        "Choose a name of 1 to " + LONGEST_NAME + " bytes, other than template0.");
            }
        }
    }

    private void checkServer(TargetSession session) {
        int set = context.set().manifest().server().major();
        if (session.major() < set) {
            throw new BackupException(
                    ErrorCode.DATABASE_VERSION_UNSUPPORTED,
                    "the set is of PostgreSQL " + set + ", " + context.target() + " is PostgreSQL " + session.major(),
                    "Restore into PostgreSQL " + set + " or later.");
        }
        if (session.sql().truth("SELECT pg_catalog.pg_is_in_recovery()")) {
            throw new BackupException(
                    ErrorCode.DATABASE_WRONG,
                    context.target() + " is a standby, which cannot be written to",
                    "Give the primary server as the target.");
        }
    }

    private void checkExisting(Sql sql) {
        Set<String> existing = new TreeSet<>();
        Set<String> unconfirmed = new TreeSet<>();
        for (RestoreTarget target : targets) {
            long oid = TargetDatabase.oid(sql, target.name());
            // one of this run that was renamed in an execution which died before it could say so is no obstacle
            boolean foreign = oid != 0 && oid != TargetDatabase.created(context, target);
            if (foreign && !Replacement.allowed(context, target.name())) {
                (context.spec().clean() ? unconfirmed : existing).add(target.name());
            }
        }
        if (!existing.isEmpty()) {
            throw new BackupException(
                    ErrorCode.DATABASE_EXISTS,
                    "on " + context.target() + " there are already databases: " + String.join(", ", existing),
                    "Restore under other names, or allow the replacement (clean) and confirm these names.");
        }
        if (!unconfirmed.isEmpty()) {
            throw new BackupException(
                    ErrorCode.CONFIRMATION_REQUIRED,
                    "these databases on " + context.target() + " would be dropped: " + String.join(", ", unconfirmed),
                    "Confirm each of these names if their present content may be lost.");
        }
    }

    private void checkPrivileges(Sql sql) {
        boolean allowed = sql.truth(
                "SELECT rolsuper OR rolcreatedb FROM pg_catalog.pg_roles WHERE rolname = current_user");
        if (!allowed) {
            throw new BackupException(
                    ErrorCode.DATABASE_PRIVILEGE_MISSING,
                    "role \"" + context.target().user() + "\" may not create databases on " + context.target(),
                    "ALTER ROLE " + Quoting.identifier(context.target().user()) + " CREATEDB; or restore as a superuser.");
        }
    }

    private void checkTablespaces(Sql sql) {
        TablespaceChoice choice = context.spec().tablespaces();
        if (choice.none()) {
            return;
        }
        Set<String> existing = new HashSet<>(
                sql.list("SELECT spcname FROM pg_catalog.pg_tablespace", row -> row.getString(1)));
        // those of the set are created first, where that can be
        boolean created = context.set().manifest().globals().isPresent() && context.spec().globals() != Globals.NONE;
        Set<String> used = new TreeSet<>();
        for (RestoreTarget target : targets) {
            used.addAll(properties.get(target.source()).tablespaces());
            used.add(properties.get(target.source()).tablespace());
        }
        Set<String> missing = new TreeSet<>(choice.mapping().values());
        used.stream().filter(name -> !created || !choice.keeps(name)).map(choice::of).forEach(missing::add);
        missing.remove("");
        missing.removeAll(existing);
        if (!missing.isEmpty()) {
            throw new BackupException(
                    ErrorCode.TABLESPACE_MISSING,
                    context.target() + " has no tablespace " + String.join(", ", missing),
                    "Create it there, name others (mapTablespaces, --map-tablespace old=new), or put everything into the"
                            + " default tablespace (noTablespaces, --no-tablespaces).");
        }
    }

    private void checkOwners(Sql sql) {
        if (!context.spec().owners()) {
            return;
        }
        boolean superuser = sql.truth("SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user");
        boolean rolesComeFromSet =
                context.set().manifest().globals().isPresent() && context.spec().globals() != Globals.NONE;
        Set<String> existing = new HashSet<>(
                sql.list("SELECT rolname FROM pg_catalog.pg_roles", row -> row.getString(1)));
        Set<String> missing = new TreeSet<>();
        Set<String> foreign = new TreeSet<>();
        for (RestoreTarget target : targets) {
            String owner = properties.get(target.source()).owner();
            Set<String> needed = new TreeSet<>(properties.get(target.source()).roles());
            needed.add(owner);
            needed.remove("");
            if (!rolesComeFromSet) {
                needed.stream().filter(role -> !existing.contains(role)).forEach(missing::add);
            }
            boolean member = superuser || existing.contains(owner)
                    && sql.truth("SELECT pg_catalog.pg_has_role(?, 'MEMBER')", owner);
            if (!owner.isEmpty() && !member) {
                foreign.add(owner);
            }
        }
        if (!missing.isEmpty()) {
            throw new BackupException(
                    ErrorCode.DATABASE_PRIVILEGE_MISSING,
                    "roles that own or were granted something do not exist on " + context.target() + ": " + String.join(", ", missing),
                    "Create these roles, restore the globals of a set that has them, or restore without owners.");
        }
        if (!foreign.isEmpty()) {
            throw new BackupException(
                    ErrorCode.DATABASE_PRIVILEGE_MISSING,
                    "role \"" + context.target().user() + "\" is no superuser of " + context.target()
                            + " and no member of the owners " + String.join(", ", foreign),
                    "Execute on the target:\nGRANT " + foreign.stream().map(Quoting::identifier).collect(Collectors.joining(", ")) + " TO "
                            + Quoting.identifier(context.target().user()) + ";\nOr restore without owners, or as a superuser.");
        }
    }

    private void checkExtensions(Sql sql) {
        Set<String> available = new HashSet<>(
                sql.list("SELECT name FROM pg_catalog.pg_available_extensions", row -> row.getString(1)));
        Set<String> exact = new HashSet<>(sql.list(
                "SELECT name || ' ' || version FROM pg_catalog.pg_available_extension_versions",
                row -> row.getString(1)));
        List<String> missing = new ArrayList<>();
        for (RestoreTarget target : targets) {
            for (Extension extension : properties.get(target.source()).extensions()) {
                if (!available.contains(extension.name())) {
                    missing.add(extension.name() + " " + extension.version() + " (database \"" + target.source() + "\")");
                } else if (!exact.contains(extension.name() + " " + extension.version())) {
                    context.warn("extension " + extension.name() + " of database \"" + target.source() + "\" was "
                            + extension.version() + "; the target has another version of it");
                }
            }
        }
        if (!missing.isEmpty()) {
            throw new BackupException(
                    ErrorCode.DATABASE_EXTENSION_MISSING,
                    "the target lacks extensions: " + String.join(", ", missing),
                    "Install the packages of these extensions on the target's machine, then start the restore again.");
        }
    }
}
