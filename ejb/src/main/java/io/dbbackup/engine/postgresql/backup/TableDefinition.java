package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.CopyFormat;
import io.dbbackup.engine.postgresql.TableProperties;
import java.util.List;

/**
 * A table as it is read.
 *
 * @param columns names of the columns that COPY moves: neither generated nor dropped
 * @param condition WHERE clause of an extension's configuration table, else empty
 * @param format format in which its rows are read
 */
record TableDefinition(
        long oid,
        String schema,
        String name,
        List<String> columns,
        String condition,
        CopyFormat format,
        TableProperties properties) {
    TableDefinition {
        columns = List.copyOf(columns);
    }
}
