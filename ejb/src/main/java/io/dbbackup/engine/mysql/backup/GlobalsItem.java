package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.BlobNames;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.DefinitionsSource;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.model.BlobRef;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.Progress;
import io.dbbackup.spi.WorkItem;
import java.util.Comparator;
import java.util.List;
import java.util.OptionalLong;

/** Accounts, roles and their privileges, as a script like those with the definitions of a database. */
final class GlobalsItem {
    private GlobalsItem() {}

    static ItemResult execute(BackupContext context, WorkItem item, Progress progress) {
        List<Definition> definitions;
        try (Session session = Session.open(context.source(), "mysql", "accounts");
                Cancellation.Registration stop = session.endWith(context.cancellation())) {
            definitions = new AccountCatalog(
                            session.sql(), ServerRelease.of(session.sql()), context.spec().rolePasswords(),
                            context::warn)
                    .read();
        } catch (RuntimeException e) {
            context.cancellation().check();
            throw e;
        }
        BlobRef blob = context.set().write(
                "globals" + BlobNames.retry(item.attempt()) + ".sql",
                new DefinitionsSource(
                        definitions.stream().sorted(Comparator.comparing(Definition::kind)).iterator(), ""),
                List.of(), OptionalLong.empty(), progress);
        return new ItemResult(blob.plainBytes(), blob.storedBytes(), 0, blob, List.of());
    }
}
