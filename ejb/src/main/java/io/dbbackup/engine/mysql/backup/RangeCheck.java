package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.BackupContext;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;

/**
 * Counts rows again where ranges of a text have cut a table. Servers look for a range in the order of the key, and in some collations that is
 * not the one in which they compare: what they find in no range is in no part, and no fingerprint tells. Stateless.
 */
final class RangeCheck {
    /** Tables in a message. */
    private static final int SHOWN = 5;

    private RangeCheck() {}

    /**
     * Looks at a database whose parts are all stored, before its snapshot is given up. At all tables, since a database starts again only a few times:
     * those of a collation are mostly all such or none.
     *
     * @param stored what is stored, by table
     * @throws BackupException SNAPSHOT_LOST where the parts of tables have other rows than these; the database then starts again, and they are not cut
     */
    static void requireAllRows(BackupContext context, String database, Map<String, List<ItemData.Stored>> stored) {
        Snapshots snapshots = Snapshots.of(context);
        List<String> wrong = new ArrayList<>();
        snapshots.find(database).ifPresent(opened -> stored.forEach((name, parts) -> {
            TableDefinition table = opened.tables().get(name);
            if (parts.size() < 2 || table == null || !table.rangedByText()) {
                return;
            }
            long found = parts.stream().mapToLong(each -> each.part().content().rows()).sum();
            OptionalLong rows = rows(context, opened.pool(), database, table);
            if (rows.isPresent() && rows.getAsLong() != found) {
                snapshots.keepWhole(database, name);
                wrong.add("the server has found " + found + " rows of table " + name + " in ranges of its primary key, and "
                        + rows.getAsLong() + " without");
            }
        }));
        if (!wrong.isEmpty()) {
            throw SnapshotPool.lost(database, String.join("; ", wrong.subList(0, Math.min(SHOWN, wrong.size())))
                    + (wrong.size() > SHOWN ? "; and so it is with " + (wrong.size() - SHOWN) + " more" : "") + ". They are not cut any more");
        }
    }

    private static OptionalLong rows(BackupContext context, SnapshotPool pool, String database, TableDefinition table) {
        try (SnapshotPool.Lease lease = pool.borrow(database, context.cancellation());
                var stop = lease.session().endWith(context.cancellation())) {
            return OptionalLong.of(lease.session().sql().number("SELECT count(*) FROM " + table.from() + table.byPrimaryKey()));
        } catch (BackupException e) {
            boolean gone = e.code() == ErrorCode.UNKNOWN_DATABASE || MysqlErrors.unknownTable(e);
            if (!gone && !(e.getCause() instanceof SQLException origin && MysqlErrors.definitionChanged(origin))) {
                throw e;
            }
            context.warn("database \"" + database + "\": the rows of table " + table.name() + " could not be counted a second time, since somebody has altered or"
                    + " dropped it after they were read");
            return OptionalLong.empty();
        }
    }
}
