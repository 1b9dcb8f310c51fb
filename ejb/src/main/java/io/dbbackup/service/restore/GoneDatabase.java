package io.dbbackup.service.restore;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Omission;
import io.dbbackup.service.run.NextStep;
import io.dbbackup.spi.LogicalRestore;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.sql.SQLException;
import java.util.function.BooleanSupplier;

/** Explains items whose database somebody has dropped: what the server says of it names no way out. Stateless. */
final class GoneDatabase {
    private GoneDatabase() {}

    /**
     * What to throw for a failed item.
     *
     * @param finished whether the run has finished the item's database; a restart does nothing more for one that is
     */
    static BackupException explained(RestoreContext context, WorkItem item, BooleanSupplier finished, BackupException e) {
        // what the engines have found out themselves says what to do
        if (e.code() != ErrorCode.UNKNOWN_DATABASE || !(e.getCause() instanceof SQLException)
                || !context.spec().whole().containsKey(item.database())) {
            return e;
        }
        String name = context.spec().whole().get(item.database());
        if (!e.problem().cause().contains(name) && !e.problem().cause().contains(LogicalRestore.TEMPORARY)) {
            // the one that sessions of PostgreSQL begin in
            return e;
        }
        String gone = " is not on " + context.target() + " any more, somebody has dropped or renamed it: " + e.problem().cause();
        if (finished.getAsBoolean()) {
            return new BackupException(
                    ErrorCode.UNKNOWN_DATABASE,
                    "database \"" + name + "\" was finished by this run and" + gone,
                    (context.spec().whole().size() > 1
                            ? "Restart this run until the other databases are finished; then discard it, since no restart ends it"
                            : NextStep.NO_RESTART + ": discard it") + ". If the database is still wanted, restore it then in a run of its own (dbbackup restore "
                            + context.set().manifest().set() + " --target " + context.target().name() + " --database \"" + item.database()
                            + (name.equals(item.database()) ? "" : "=" + name) + "\").",
                    e);
        }
        boolean rowsAlone = context.set().manifest().ofDatabases().contains(Omission.DEFINITIONS);
        return new BackupException(
                ErrorCode.UNKNOWN_DATABASE,
                "the database into which \"" + name + "\" is restored" + gone,
                "Discard the run: its restart then begins this database anew" + (rowsAlone ? ", when its tables are there again." : "."),
                e);
    }
}
