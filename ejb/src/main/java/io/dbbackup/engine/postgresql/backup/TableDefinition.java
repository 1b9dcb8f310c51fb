package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.CopyFormat;
import io.dbbackup.engine.postgresql.TableProperties;
import java.util.List;

/**
 * A table as it is read.
 *
 * @param columns names of the columns that COPY moves: neither generated nor dropped
 * @param target table that its rows are loaded into: itself, or the root of its partition tree
 * @param condition WHERE clause of an extension's configuration table, else empty
 * @param format format in which its rows are read
 */
record TableDefinition(
        long oid,
        String schema,
        String name,
        Target target,
        List<String> columns,
        String condition,
        CopyFormat format,
        TableProperties properties) {
    TableDefinition {
        columns = List.copyOf(columns);
    }

    /**
     * A table that takes rows. Partitions by the hash of an enum are loaded through their root: enum values hash by their
     * oids, which are others on every server, so that a row's partition there is another one too.
     */
    record Target(long oid, String schema, String name) {}

    boolean routed() {
        return target.oid != oid;
    }
}
