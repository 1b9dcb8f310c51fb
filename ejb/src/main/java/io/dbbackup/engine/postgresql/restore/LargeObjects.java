package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.spi.RestoreContext;

/** Large objects of a data-only set and of the database that takes it. */
final class LargeObjects {
    private static final int BATCH = 500;

    private LargeObjects() {}

    static boolean inSet(RestoreContext context, String source) {
        SchemaArchive archive = SchemaArchive.of(context, source);
        return archive.entries("pre-data").stream().anyMatch(entry -> entry.is("BLOB") || entry.is("BLOB METADATA"))
                || archive.entries("data").stream().anyMatch(entry -> entry.is("BLOB METADATA"));
    }

    static boolean onTarget(Sql sql) {
        return sql.truth("SELECT EXISTS (SELECT FROM pg_catalog.pg_largeobject_metadata)");
    }

    /** Deletes all of them in batches, since each takes a lock. */
    static void unlinkAll(RestoreContext context, Sql sql) {
        long unlinked;
        do {
            context.cancellation().check();
            unlinked = sql.number("SELECT count(pg_catalog.lo_unlink(oid)) FROM (SELECT oid FROM"
                    + " pg_catalog.pg_largeobject_metadata LIMIT " + BATCH + ") AS batch");
        } while (unlinked > 0);
    }
}
