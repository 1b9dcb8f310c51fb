package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.BlobNames;
import io.dbbackup.engine.postgresql.PgProcess;
import io.dbbackup.engine.postgresql.PgTools;
import io.dbbackup.model.BlobRef;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalLong;

/** Roles, memberships, settings of roles and tablespaces, as SQL from pg_dumpall. */
final class GlobalsItem {
    private GlobalsItem() {}

    static ItemResult execute(BackupContext context, WorkItem item, Progress progress) {
        int major = ServerCatalog.major(context.source());
        List<String> arguments = new ArrayList<>(List.of("--globals-only"));
        if (!context.spec().rolePasswords()) {
            arguments.add("--no-role-passwords");
        }
        try (PgProcess dump = PgProcess.start(
                PgTools.find(context.source(), major), "pg_dumpall", context.source(),
                context.source().maintenanceDatabase(), arguments, context.cancellation())) {
            BlobRef blob = context.set().write(
                    "globals" + BlobNames.retry(item.attempt()) + ".sql",
                    dump, List.of(), OptionalLong.empty(), progress);
            return new ItemResult(blob.plainBytes(), blob.storedBytes(), 0, blob, List.of());
        }
    }
}
