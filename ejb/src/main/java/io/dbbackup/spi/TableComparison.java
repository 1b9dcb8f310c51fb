package io.dbbackup.spi;

import io.dbbackup.model.Fingerprint;

/** One table compared: what the set says and what the restored database holds. */
public record TableComparison(String database, String schema, String table, Fingerprint expected, Fingerprint found) {
    public boolean equal() {
        return expected.equals(found);
    }
}
