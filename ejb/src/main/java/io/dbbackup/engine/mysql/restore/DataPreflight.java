package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Members;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.RestoreMarks;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.StorageEngines;
import io.dbbackup.engine.mysql.TableProperties;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.spi.RestoreContext;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;

/**
 * Refuses a data-only restore into a database that cannot work or would overwrite rows unconfirmed, with all cases of each
 * obstacle.
 */
final class DataPreflight {
    private static final int SHOWN = 50;
    private static final String REMEDY = "Make the tables as they were on the source, for example by restoring a"
            + " schema-only set, and restore the rows then.";

    private final RestoreContext context;
    private final RestoreTarget target;
    private final Sql sql;

    DataPreflight(RestoreContext context, RestoreTarget target, Sql sql) {
        this.context = context;
        this.target = target;
        this.sql = sql;
    }

    void check() {
        context.cancellation().check();
        if (!Databases.exists(sql, target.name())) {
            throw new BackupException(
                    ErrorCode.UNKNOWN_DATABASE,
                    "the set is data-only, and " + context.target() + " has no database \"" + target.name() + "\"",
                    // what the marks call loaded is gone with it
                    target.begun(context) ? "Discard the run. " + REMEDY : REMEDY);
        }
        requireAlone(context, target, sql);
        TargetTables tables = TargetTables.read(sql, target.name(), target.loadedTables(context));
        checkColumns(tables);
        new TriggerCheck(context, target, sql).check(tables, target.begun(context));
        if (!target.begun(context)) {
            checkEmpty(tables);
        }
    }

    /**
     * @throws BackupException DATABASE_EXISTS when an unfinished run of somebody else loads rows into the same database, which would be
     *     replaced with the rows and without the triggers that were suspended, or moves its tables there
     */
    static void requireAlone(RestoreContext context, RestoreTarget target, Sql sql) {
        List<String> others = Markers.others(sql, target.name(), RestoreTarget.prefix(context.run()));
        if (!others.isEmpty()) {
            throw new BackupException(
                    ErrorCode.DATABASE_EXISTS,
                    "an unfinished restore is at work on database \"" + target.name() + "\" on " + context.target()
                            + "; its marks are in " + String.join(", ", others) + suspended(target, sql),
                    "Restart that run, or discard it; what it has loaded into tables that were there before stays. If no dbbackup knows that run"
                            + " any more, see that nothing that is needed is left in the databases with its marks, and drop them by hand.");
        }
    }

    private static String suspended(RestoreTarget target, Sql sql) {
        return RestoreMarks.suspended(sql, target.name()).stream()
                .map(each -> "; run " + each.run() + " has these triggers suspended: " + each.names())
                .collect(Collectors.joining());
    }

    private void checkColumns(TargetTables tables) {
        List<String> differences = new ArrayList<>();
        target.loadedTables(context).forEach(table -> differences.addAll(differences(table, tables)));
        if (!differences.isEmpty()) {
            throw new BackupException(
                    ErrorCode.TABLE_MISMATCH,
                    "database \"" + target.name() + "\" on " + context.target() + " does not have the tables of the set: "
                            + some(differences),
                    REMEDY);
        }
    }

    private static List<String> differences(TableManifest table, TargetTables tables) {
        if (tables.find(table.name()).isEmpty()) {
            return List.of("there is no table " + table.name());
        }
        List<String> differences = new ArrayList<>();
        TargetTables.Table there = tables.find(table.name()).get();
        Map<String, TargetTables.Column> left = new HashMap<>(there.columns());
        TableProperties properties = RestoreTarget.properties(table);
        if (!TargetTables.loadable(properties, there.engine())) {
            differences.add(table.name() + " is of engine " + there.engine() + " instead of " + properties.engine());
        }
        if (properties.versioned() != there.takesHistory()) {
            differences.add(table.name() + " is " + (there.takesHistory() ? "" : "not ") + "system-versioned by times");
        }
        // the last two are its period, which is generated here and listed there; sets of older versions list no columns
        int own = Math.max(0, properties.columns().size() - (properties.versioned() ? 2 : 0));
        properties.columns().subList(own, properties.columns().size()).forEach(column -> left.remove(column.name()));
        for (TableProperties.Column column : properties.columns().subList(0, own)) {
            TargetTables.Column found = left.remove(column.name());
            if (found == null) {
                differences.add(table.name() + " has no column " + column.name());
            } else if (found.generated()) {
                differences.add("column " + column.name() + " of " + table.name() + " is generated");
            } else if (!TableProperties.takes(found.shape(), column.shape())) {
                differences.add("column " + column.name() + " of " + table.name() + " is " + found.shape() + " instead of "
                        + column.shape());
            } else if (found.replacesNull() && column.nullable().orElse(false)) {
                differences.add("column " + column.name() + " of " + table.name() + " takes no NULL, which it may be in the set: the server would"
                        + " make a value of its own of it");
            } else if (found.names(column)) {
                differences.add("column " + column.name() + " of " + table.name() + " has the member '" + column.nameless()
                        + "', which in the set is a value without a name");
            } else if (!Members.missing(found.type(), column.members()).isEmpty()) {
                differences.add("column " + column.name() + " of " + table.name() + " " + Members.missing(found.type(), column.members()));
            }
        }
        left.forEach((column, found) -> {
            if (found.required() && !found.generated()) {
                differences.add(table.name() + " has the column " + column
                        + ", which is NOT NULL, has no default and is not in the set");
            }
        });
        return differences;
    }

    private void checkEmpty(TargetTables tables) {
        List<TargetTables.Table> all = tables.notEmpty(sql);
        List<String> full = all.stream().map(TargetTables.Table::name).toList();
        List<String> kept = all.stream().filter(table -> StorageEngines.keepsRows(table.engine()))
                .map(table -> Quoting.qualified(target.name(), table.name())).toList();
        if (target.mayEmpty(context)) {
            if (!kept.isEmpty()) {
                throw TargetTables.keepsRows(sql, some(kept), null);
            }
        } else if (!full.isEmpty()) {
            throw new BackupException(
                    context.spec().clean() ? ErrorCode.CONFIRMATION_REQUIRED : ErrorCode.TABLE_NOT_EMPTY,
                    "in database \"" + target.name() + "\" on " + context.target() + " there are rows already in " + some(full),
                    "Empty these tables, or allow (clean) and confirm the name of the database to have their present content"
                            + " deleted.");
        }
    }

    private static String some(List<String> all) {
        return String.join(", ", all.subList(0, Math.min(SHOWN, all.size())))
                + (all.size() > SHOWN ? " and " + (all.size() - SHOWN) + " more" : "");
    }
}
