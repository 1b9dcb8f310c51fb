package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.engine.postgresql.TableProperties;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.atomic.AtomicBoolean;

/** Refuses a data-only restore that cannot work or would overwrite rows unconfirmed, with all cases of each obstacle. */
final class DataPreflight {
    private static final int SHOWN = 50;
    private static final String REMEDY = "Make the tables as they were on the source, for example by restoring a"
            + " schema-only set, and restore the rows then.";

    private final RestoreContext context;
    private final RestoreTarget target;
    private final SetDatabase database;
    private final TargetTables tables;
    private final TargetSession session;

    private DataPreflight(RestoreContext context, RestoreTarget target, TargetSession session) {
        this.context = context;
        this.target = target;
        this.session = session;
        database = SetDatabase.of(context, target.source());
        tables = TargetTables.read(session.sql(), database);
    }

    static void check(RestoreContext context, Sql maintenance, List<RestoreTarget> targets) {
        List<String> missing = targets.stream()
                .map(RestoreTarget::name)
                .filter(name -> TargetDatabase.oid(maintenance, name) == 0)
                .toList();
        if (!missing.isEmpty()) {
            throw new BackupException(
                    ErrorCode.UNKNOWN_DATABASE,
                    "the set is data-only, and " + context.target() + " has no database " + String.join(", ", missing),
                    REMEDY);
        }
        for (RestoreTarget target : targets) {
            context.cancellation().check();
            try (TargetSession session = TargetSession.open(context, target.name(), "restore preflight")) {
                new DataPreflight(context, target, session).check();
            }
        }
    }

    private void check() {
        boolean ours = DataOnly.ours(session.sql(), context.run());
        String signature = DataOnly.signature(session.sql());
        if (!ours && !signature.isEmpty()) {
            throw new BackupException(
                    ErrorCode.DATABASE_EXISTS,
                    "database \"" + target.name() + "\" on " + context.target() + " holds the marks of an unfinished restore ("
                            + signature + ")",
                    "Restart that run, or give it up (dbbackup discard RUN). If no catalog knows it any more, run DROP SCHEMA "
                            + Markers.SCHEMA + " CASCADE in that database. What it has loaded stays.");
        }
        checkTables();
        checkTriggers();
        if (!ours && !finished()) {
            checkEmpty();
        }
        nameTriggers();
    }

    /** True when an earlier execution of this run finished the database and died before it could say so. */
    private boolean finished() {
        AtomicBoolean prepared = new AtomicBoolean();
        context.results(target.source(), RestoreKind.SCHEMA, done -> prepared.set(true));
        return prepared.get();
    }

    private void checkTables() {
        List<String> differences = new ArrayList<>();
        for (TableManifest table : database.manifest().tables()) {
            differences.addAll(differences(table));
        }
        if (!differences.isEmpty()) {
            throw new BackupException(
                    ErrorCode.TABLE_MISMATCH,
                    "database \"" + target.name() + "\" on " + context.target() + " does not have the tables of the set: "
                            + some(differences),
                    REMEDY);
        }
    }

    private List<String> differences(TableManifest table) {
        String name = table.schema() + "." + table.name();
        TargetTables.Table there = tables.find(table.schema(), table.name()).orElse(null);
        if (there == null) {
            return List.of("there is no table " + name);
        }
        List<String> differences = new ArrayList<>();
        Map<String, TargetTables.Column> left = new HashMap<>(there.columns());
        for (TableProperties.Column column : SetDatabase.properties(table).columns()) {
            TargetTables.Column found = left.remove(column.name());
            if (found == null) {
                differences.add(name + " has no column " + column.name());
            } else if (found.generated()) {
                differences.add("column " + column.name() + " of " + name + " is generated");
            } else if (!found.type().equals(column.type())) {
                differences.add("column " + column.name() + " of " + name + " is " + found.type() + " instead of "
                        + column.type());
            }
        }
        left.forEach((column, found) -> {
            if (found.required()) {
                differences.add(name + " has the column " + column + ", which is NOT NULL, has no default and is not in the set");
            }
        });
        return differences;
    }

    private void checkTriggers() {
        List<String> firing = DataOnly.mayQuieten(session) ? List.of() : tables.firing(session.sql());
        if (!firing.isEmpty()) {
            throw new BackupException(
                    ErrorCode.DATABASE_PRIVILEGE_MISSING,
                    "role \"" + context.target().user() + "\" may not keep triggers and foreign keys from firing while rows"
                            + " are loaded into " + some(firing),
                    "Execute on the target as a superuser, from PostgreSQL 15 on:\nGRANT SET ON PARAMETER session_replication_role TO "
                            + Quoting.identifier(context.target().user()) + ";\nOr restore as a superuser.");
        }
    }

    private void nameTriggers() {
        List<String> always = DataOnly.mayQuieten(session) ? tables.always(session.sql()) : List.of();
        if (!always.isEmpty()) {
            context.warn("in database \"" + target.name() + "\" these triggers are ENABLE ALWAYS or ENABLE REPLICA and fire while"
                    + " rows are loaded and deleted: " + some(always));
        }
    }

    private void checkEmpty() {
        List<String> kept = tables.untouchable(session.sql());
        if (!kept.isEmpty()) {
            throw new BackupException(
                    ErrorCode.TABLE_NOT_EMPTY,
                    "in database \"" + target.name() + "\" on " + context.target() + " rows of extensions cannot be told from"
                            + " those that the set has in " + some(kept),
                    "Install the extensions there in the versions of the source, or empty these tables.");
        }
        boolean confirmed = context.spec().clean() && context.spec().confirmed().contains(target.name());
        List<String> full = confirmed ? List.of() : tables.notEmpty(session.sql());
        if (!confirmed && LargeObjects.inSet(context, target.source()) && LargeObjects.onTarget(session.sql())) {
            full = new ArrayList<>(full);
            full.add("the large objects");
        }
        if (!full.isEmpty()) {
            throw new BackupException(
                    context.spec().clean() ? ErrorCode.CONFIRMATION_REQUIRED : ErrorCode.TABLE_NOT_EMPTY,
                    "in database \"" + target.name() + "\" on " + context.target() + " there are rows already in "
                            + some(full),
                    "Empty these tables, or allow (clean) and confirm the name of the database to have their present content"
                            + " deleted.");
        }
    }

    static String some(List<String> all) {
        return String.join(", ", all.subList(0, Math.min(SHOWN, all.size())))
                + (all.size() > SHOWN ? " and " + (all.size() - SHOWN) + " more" : "");
    }
}
