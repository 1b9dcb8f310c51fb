package io.dbbackup.pipeline;

import io.dbbackup.model.Fingerprint;

/**
 * A probe that finds the rows in the plain bytes of a part and yields their fingerprint; one implementation per part
 * format. Bounded memory except for a single row.
 *
 * <p>{@link #result()} throws {@code BLOB_UNDECODABLE} when the bytes end inside a row or are not in the format.
 */
public interface RowScanner extends Probe<Fingerprint> {}
