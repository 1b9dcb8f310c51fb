package io.dbbackup.service.rewrite;

import io.dbbackup.model.manifest.BackupManifest;
import java.util.List;

/**
 * Result for people and programs; sizes in bytes.
 *
 * @param set the new set
 * @param derivedFrom the set that it was made of, which is still there
 * @param encryptedFor names of keys; empty: not encrypted
 */
public record RewriteSummary(
        String set, String derivedFrom, String store, List<String> encryptedFor, int databases, long rows, long storedBytes) {
    static RewriteSummary of(BackupManifest manifest, String store, List<String> encryptedFor) {
        return new RewriteSummary(
                manifest.set(), manifest.derivedFrom().orElse(""), store, encryptedFor, manifest.databases().size(),
                manifest.rows(), manifest.storedBytes());
    }
}
