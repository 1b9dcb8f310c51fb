package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.BlobNames;
import io.dbbackup.engine.mysql.Definition;
import io.dbbackup.engine.mysql.DefinitionsSource;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
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
    /** Names in a warning. */
    private static final int SHOWN = 20;

    private GlobalsItem() {}

    static ItemResult execute(BackupContext context, WorkItem item, Progress progress) {
        List<Definition> definitions;
        try (Session session = Session.open(context.source(), "mysql", "accounts");
                Cancellation.Registration stop = session.endWith(context.cancellation())) {
            definitions = new AccountCatalog(
                            session.sql(), ServerRelease.of(session.sql()), context.spec().rolePasswords(),
                            context::warn)
                    .read();
            warnOfOthers(context, session.sql());
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

    /** What databases may use and no set keeps; who may not ask is not warned. */
    private static void warnOfOthers(BackupContext context, Sql sql) {
        try {
            List<String> others = sql.list(
                    "SELECT concat('function ', name, ' (', dl, ')') FROM mysql.func"
                            + " UNION ALL SELECT concat('server ', server_name) FROM mysql.servers ORDER BY 1",
                    row -> row.getString(1));
            if (!others.isEmpty()) {
                context.warn("the server has " + others.size() + " loadable functions and servers of FEDERATED tables, which no set keeps: "
                        + String.join(", ", others.subList(0, Math.min(SHOWN, others.size()))) + (others.size() > SHOWN ? ", …" : "")
                        + ". Make on the target those that databases use (CREATE FUNCTION … SONAME, CREATE SERVER), before a restore");
            }
        } catch (BackupException e) {
            if (e.code() != ErrorCode.DATABASE_PRIVILEGE_MISSING) {
                throw e;
            }
        }
    }
}
