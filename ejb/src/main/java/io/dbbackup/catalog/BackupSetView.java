package io.dbbackup.catalog;

import com.fasterxml.jackson.annotation.JsonProperty;
import io.dbbackup.model.Omission;
import io.dbbackup.model.VerifyLevel;
import io.dbbackup.model.manifest.Reused;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A sealed backup set in one of its stores, as the catalog knows it; sizes in bytes. A set that was copied has one view per
 * store: {@code store}, {@code policy}, {@code state} and the verification are those of that copy, the rest is the same.
 *
 * @param policy whose retention rules are meant for this copy
 * @param state {@code SEALED}, or {@code EXPIRING} while retention deletes it
 * @param complete false when databases are missing in it, it leaves something out by intention or was taken beside an unfinished restore
 * @param sourceDatabases how many the source had when it was taken, chosen or not; empty when unknown
 * @param missingDatabases how many that its backup was to take are not in it; empty in complete sets, and when unknown
 * @param globals whether it has the roles or accounts of the server; empty when unknown
 * @param besideRestore which of its databases were taken beside an unfinished restore
 * @param verifiedLevel the strongest level at which this copy was proven since it last failed, or the level that it last failed at
 *     when nothing as strong has passed since
 * @param verifiedOk whether it passed at that level
 * @param verifiedAt when the verification at that level ended
 * @param recipients names of the keys that it is encrypted for; an empty list when it is not encrypted, empty when unknown
 * @param derivedFrom the set that it was made of by encrypting or decrypting
 * @param omissions what it leaves out by intention, or may lack
 * @param reuses what other sets store for it, included in {@code storedBytes}; a copy in another store has that as well
 */
public record BackupSetView(
        String id,
        String source,
        String store,
        Optional<String> policy,
        UUID run,
        State state,
        String engine,
        String serverVersion,
        Instant takenAt,
        Instant sealedAt,
        String zone,
        boolean complete,
        int databases,
        Optional<Integer> sourceDatabases,
        Optional<Integer> missingDatabases,
        Optional<Boolean> globals,
        List<String> besideRestore,
        long rows,
        long plainBytes,
        long storedBytes,
        String manifestSha256,
        Optional<VerifyLevel> verifiedLevel,
        Optional<Boolean> verifiedOk,
        Optional<Instant> verifiedAt,
        Optional<List<String>> recipients,
        Optional<String> derivedFrom,
        List<Omission> omissions,
        List<Reused> reuses) {
    public BackupSetView {
        besideRestore = List.copyOf(besideRestore);
        omissions = List.copyOf(omissions);
        reuses = List.copyOf(reuses);
    }

    /** Bytes that were not stored again. */
    @JsonProperty("reusedBytes")
    public long reusedBytes() {
        return Reused.bytes(reuses);
    }

    /** For example {@code 2 of 5 databases}; without the second number where that is not known or the same. */
    public String databasesText() {
        return databases + sourceDatabases.filter(all -> all > databases).map(all -> " of " + all).orElse("") + " databases";
    }

    /** Life of a set after its manifest was written. */
    public enum State {
        SEALED,
        EXPIRING
    }

    /** Prefix of the set's blobs in its store, ends with a slash. */
    public String prefix() {
        return prefix(source, id);
    }

    public static String prefix(String source, String set) {
        return source + "/" + set + "/";
    }
}
