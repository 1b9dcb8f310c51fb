package io.dbbackup.model.manifest;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.dbbackup.model.Omission;
import io.dbbackup.model.ServerFacts;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * What is known of a set without any key: enough for lists, retention, import and the check of stored bytes. The first
 * line of an encrypted set's manifest; of other sets made from the manifest.
 *
 * @param databases of an encrypted set; empty otherwise
 * @param globals of a set that has them
 * @param encryption empty for a set that is not encrypted
 * @param derivedFrom as in the manifest
 * @param ofDatabases what the set leaves out of its databases by intention; which tables is not told here
 * @param reuses what other sets store of it
 * @param someDatabases as in the manifest; a field of its own, since readers that do not know it ignore it, and refuse the
 *     header for a word in {@code omissions} that they do not know
 * @param missingDatabases how many databases that were asked for are not in the set; empty in complete sets, and where older
 *     versions, which did not tell, wrote it
 * @param databasesBesideRestore which databases were taken {@link DatabaseEntry#besideRestore() beside an unfinished restore}; a field
 *     of its own for the same reason
 * @param sourceDatabases how many databases the source had, chosen or not; empty where older versions, which did not ask, wrote it
 * @param globalsMissing whether globals that were asked for are not in the set; false also where older versions, which did not tell, wrote it
 */
public record SetHeader(
        String format,
        int version,
        String set,
        String source,
        UUID run,
        String product,
        Instant startedAt,
        Instant sealedAt,
        String zone,
        String engine,
        String serverVersion,
        boolean complete,
        int databaseCount,
        long rows,
        long plainBytes,
        long storedBytes,
        Optional<StoredBlob> globals,
        List<Database> databases,
        Optional<Encryption> encryption,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> derivedFrom,
        @JsonProperty("omissions") @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Omission> ofDatabases,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<Reused> reuses,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean someDatabases,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Integer> missingDatabases,
        @JsonInclude(JsonInclude.Include.NON_EMPTY) List<String> databasesBesideRestore,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Integer> sourceDatabases,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean globalsMissing) {
    /** Version of the repository format for encrypted sets; others have {@link BackupManifest#VERSION}. */
    public static final int VERSION = 2;

    public SetHeader {
        databases = List.copyOf(databases);
        derivedFrom = derivedFrom == null ? Optional.empty() : derivedFrom;
        // absent in sets that were written before there were partial ones
        ofDatabases = ofDatabases == null ? List.of() : List.copyOf(ofDatabases);
        missingDatabases = missingDatabases == null ? Optional.empty() : missingDatabases;
        databasesBesideRestore = databasesBesideRestore == null ? List.of() : List.copyOf(databasesBesideRestore);
        sourceDatabases = sourceDatabases == null ? Optional.empty() : sourceDatabases;
        // absent where the set stores everything itself
        reuses = reuses == null ? List.of() : List.copyOf(reuses);
    }

    /**
     * A database of an encrypted set.
     *
     * @param inventory clear blob: one {@link StoredBlob} per line for every other blob of the database
     * @param storedBytes of all its blobs but the inventory
     */
    public record Database(String name, StoredBlob inventory, int blobs, long storedBytes) {}

    /**
     * @param stage type of the stage that encrypts
     * @param bodyKey id of the key that the manifest's body is encrypted with
     * @param keys every key that a blob of the set is encrypted with
     */
    public record Encryption(String stage, String bodyKey, List<KeySection> keys) {
        public Encryption {
            keys = List.copyOf(keys);
        }
    }

    /** Everything that the set leaves out by intention, or may lack; a set with any of it never stands for a whole one. */
    public List<Omission> omissions() {
        List<Omission> all = new ArrayList<>(ofDatabases);
        if (someDatabases) {
            all.add(Omission.SOME_DATABASES);
        }
        if (!databasesBesideRestore.isEmpty()) {
            all.add(Omission.UNFINISHED_RESTORE);
        }
        return List.copyOf(all);
    }

    /** Whether the roles or accounts that its backup was to take are not in it: said, or all that can have failed. */
    public boolean lacksGlobals() {
        return globalsMissing || missingDatabases.equals(Optional.of(0)) && omissions().isEmpty();
    }

    /** Names of the keys that it is encrypted for, as the writer called them; none when it is not encrypted. */
    public List<String> recipients() {
        return encryption.stream()
                .flatMap(e -> e.keys().stream())
                .flatMap(key -> key.recipients().stream())
                .map(WrappedKey::name)
                .distinct()
                .toList();
    }

    /** The header of a set that is not encrypted. */
    public static SetHeader of(BackupManifest manifest) {
        return header(manifest, BackupManifest.VERSION, List.of(), Optional.empty());
    }

    /** The header of an encrypted set. */
    public static SetHeader of(BackupManifest manifest, List<Database> databases, Encryption encryption) {
        return header(manifest, VERSION, databases, Optional.of(encryption));
    }

    private static SetHeader header(
            BackupManifest manifest, int version, List<Database> databases, Optional<Encryption> encryption) {
        return new SetHeader(
                BackupManifest.FORMAT, version, manifest.set(), manifest.source(), manifest.run(), manifest.product(),
                manifest.startedAt(), manifest.sealedAt(), manifest.zone(), manifest.server().engine(),
                manifest.server().version(), manifest.complete(), manifest.databases().size(), manifest.rows(),
                manifest.plainBytes(), manifest.storedBytes(), manifest.globals().map(StoredBlob::of), databases, encryption,
                manifest.derivedFrom(), manifest.ofDatabases(), manifest.reuses(), manifest.someDatabases(),
                manifest.complete() ? Optional.empty() : Optional.of(manifest.missing().size()),
                manifest.databases().stream().filter(DatabaseEntry::besideRestore).map(DatabaseEntry::name).toList(),
                Optional.ofNullable(manifest.server().details().get(ServerFacts.DATABASES)).map(Integer::valueOf),
                manifest.globalsMissing().isPresent());
    }
}
