package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.Quoting;

/**
 * A table whose rows belong into the backup, as the snapshot's catalog has it.
 *
 * @param heap whether it is stored in pages that can be addressed by ctid
 * @param bytes size of its heap and its TOAST table
 * @param pages size of its heap in pages of 8 KiB
 * @param fileNode changes when the table is truncated or rewritten
 */
record TableListing(long oid, String schema, String name, boolean heap, long bytes, long pages, long fileNode) {
    String quoted() {
        return Quoting.qualified(schema, name);
    }
}
