package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.Quoting;

/**
 * A table whose rows belong into the backup, as the snapshot's catalog has it.
 *
 * @param heap whether it is stored in pages that can be addressed by ctid
 * @param bytes size of its heap and its TOAST table; 0 until it was measured
 * @param pages size of its heap in pages; 0 until it was measured
 * @param fileNode changes when the table is truncated or rewritten
 */
record TableListing(long oid, String schema, String name, boolean heap, long bytes, long pages, long fileNode) {
    /** The same with its size, once it is known. */
    TableListing sized(long newBytes, long newPages) {
        return new TableListing(oid, schema, name, heap, newBytes, newPages, fileNode);
    }

    String quoted() {
        return Quoting.qualified(schema, name);
    }
}
