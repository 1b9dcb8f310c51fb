package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.spi.ItemResult;
import io.dbbackup.spi.RestoreContext;
import io.dbbackup.spi.WorkItem;
import java.util.HashSet;
import java.util.Set;

/**
 * Tablespaces that a restore creates. They cannot be created in a transaction with their privileges, options and comments, and to an
 * attempt after a crash one without these would look like one of the target: so an item of its own finds out which ones are missing,
 * before anything is changed.
 *
 * @param existing those that the target had
 */
record ChosenTablespaces(Set<String> existing) {
    ChosenTablespaces {
        existing = Set.copyOf(existing);
    }

    /** Changes nothing. What was missing before a discard counts as missing: a discard leaves tablespaces where they are. */
    static final class Item {
        ItemResult execute(RestoreContext context, WorkItem item) {
            Set<String> existing = new HashSet<>(Tablespaces.read(context).names());
            item.earlier(ChosenTablespaces.class).ifPresent(before -> existing.retainAll(before.existing()));
            return ItemResult.of(new ChosenTablespaces(existing));
        }
    }

    /** @param now those that the target has now: all that is known in a plan of an older version */
    static ChosenTablespaces of(RestoreContext context, Set<String> now) {
        Set<String> existing = new HashSet<>(now);
        context.results("", RestoreKind.CHOOSE, done -> existing.retainAll(done.result(ChosenTablespaces.class).existing()));
        return new ChosenTablespaces(existing);
    }

    /** Whether a tablespace that was not there at first and is now can be what {@code CREATE TABLESPACE} of the set has made. */
    static boolean same(TargetSession session, GlobalsStatement create) {
        String location = session.sql().text(
                "SELECT pg_catalog.pg_tablespace_location(oid) FROM pg_catalog.pg_tablespace WHERE spcname = ?", create.subject());
        return location.startsWith("pg_tblspc/")
                ? create.sql().matches("(?s).* LOCATION '(pg_tblspc/\\d+)?'")
                : create.sql().endsWith(" LOCATION " + Quoting.literal(location));
    }
}
