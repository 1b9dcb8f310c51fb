package io.dbbackup.model.manifest;

import io.dbbackup.model.Fingerprint;

/**
 * A piece of a table's data.
 *
 * @param blob name of the blob that holds it
 * @param member path inside the blob when that is a tar bundle of many small tables, else empty
 * @param format format of the plain bytes, for example {@code pgcopy-text} or {@code pgcopy-binary}
 * @param loadStatement statement that loads the plain bytes
 * @param plainBytes size of the plain bytes
 * @param content fingerprint of its rows
 */
public record PartManifest(
        String blob, String member, String format, String loadStatement, long plainBytes, Fingerprint content) {}
