package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.sliced.SlicedTable;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.BackupContext;
import java.util.Optional;

/** How the tables of a database are read: whole, or by a sample that was planned when its snapshot was taken. */
record Reading(Optional<SamplePlan> sample) {
    static String key(String database) {
        return "pg.sample/" + database;
    }

    static Reading of(BackupContext context, String database) {
        if (context.spec().selection().sample().isEmpty()) {
            return new Reading(Optional.empty());
        }
        return new Reading(Optional.of(context.hold(key(database), SamplePlan.class, () -> {
            throw new BackupException(
                    ErrorCode.SNAPSHOT_LOST,
                    "nobody holds the sample of database \"" + database + "\" any more",
                    "Nothing needs to be done: the database starts again with a new snapshot.");
        })));
    }

    String readAll(TableDefinition table, CopyStatements statements) {
        return sample.map(plan -> plan.read(table, statements)).orElseGet(statements::readAll);
    }

    /** The same rows as {@link #readPages}, for statements of another kind. */
    SlicedTable.Choice choice(TableDefinition table, CopyStatements statements, long from, long to) {
        return sample.map(plan -> plan.choice(table, statements)).orElseGet(() -> statements.choice(from, to));
    }

    String readPages(TableDefinition table, CopyStatements statements, long from, long to) {
        return sample.map(plan -> plan.read(table, statements)).orElseGet(() -> statements.readPages(from, to));
    }
}
