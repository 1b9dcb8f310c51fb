package io.dbbackup.model.manifest;

import com.fasterxml.jackson.annotation.JsonIgnore;
import com.fasterxml.jackson.annotation.JsonInclude;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Omission;
import io.dbbackup.model.Selection;
import io.dbbackup.model.ServerFacts;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The manifest of a backup set: written last, create-only; a set without one does not exist.
 *
 * @param format always {@value #FORMAT}
 * @param version version of the repository format; readers refuse a higher one
 * @param set name of the set
 * @param source name of the source
 * @param run the run that wrote it
 * @param product name and version of the writer
 * @param startedAt when the run began
 * @param sealedAt when the manifest was written
 * @param zone IANA id of the source's time zone, for retention by calendar day and for display
 * @param server the server that was read
 * @param consistency {@code instance}: all databases are one instant; {@code per-database}: each database is one snapshot,
 *     the set is not one instant
 * @param complete false when databases failed and the run was told to continue, when {@code selection} or
 *     {@code someDatabases} is given, and when a database was taken beside an unfinished restore
 * @param globals roles, memberships and tablespaces; empty when only chosen databases were asked for
 * @param databases in the order of their names
 * @param missing databases that were asked for and are not in the set, each with the reason
 * @param derivedFrom the set that this one was made of by encrypting or decrypting it; empty for a backup's own
 * @param selection what of its databases the set holds; empty for everything
 * @param someDatabases whether it was told to take fewer databases than its policy says, or than the source has when there
 *     is no policy
 * @param globalsMissing why globals that were asked for are not in the set; empty when they are or were not asked for, and in sets of older
 *     versions
 */
public record BackupManifest(
        String format,
        int version,
        String set,
        String source,
        UUID run,
        String product,
        Instant startedAt,
        Instant sealedAt,
        String zone,
        ServerFacts server,
        String consistency,
        boolean complete,
        Optional<BlobRef> globals,
        List<DatabaseEntry> databases,
        List<MissingDatabase> missing,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> derivedFrom,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<Selection> selection,
        @JsonInclude(JsonInclude.Include.NON_DEFAULT) boolean someDatabases,
        @JsonInclude(JsonInclude.Include.NON_ABSENT) Optional<String> globalsMissing) {
    public static final String FORMAT = "dbbackup-set";
    public static final int VERSION = 1;
    public static final String BLOB_NAME = "manifest.json";

    public BackupManifest {
        databases = List.copyOf(databases);
        missing = List.copyOf(missing);
        derivedFrom = derivedFrom == null ? Optional.empty() : derivedFrom;
        // absent in whole sets
        selection = selection == null ? Optional.empty() : selection;
        globalsMissing = globalsMissing == null ? Optional.empty() : globalsMissing;
    }

    /** The manifest of a set that a backup made, and that holds all databases and everything of them. */
    public BackupManifest(
            String format,
            int version,
            String set,
            String source,
            UUID run,
            String product,
            Instant startedAt,
            Instant sealedAt,
            String zone,
            ServerFacts server,
            String consistency,
            boolean complete,
            Optional<BlobRef> globals,
            List<DatabaseEntry> databases,
            List<MissingDatabase> missing) {
        this(
                format, version, set, source, run, product, startedAt, sealedAt, zone, server, consistency, complete,
                globals, databases, missing, Optional.empty(), Optional.empty(), false, Optional.empty());
    }

    /** What the set leaves out of its databases by intention. */
    @JsonIgnore
    public List<Omission> ofDatabases() {
        return selection.map(Selection::omissions).orElse(List.of());
    }

    /** A database that is not in the set, and why. */
    public record MissingDatabase(String name, String reason) {}

    public long rows() {
        return databases.stream().mapToLong(DatabaseEntry::rows).sum();
    }

    public long plainBytes() {
        return databases.stream().mapToLong(DatabaseEntry::plainBytes).sum();
    }

    /** What of its databases other sets store. */
    @JsonIgnore
    public List<Reused> reuses() {
        return Reused.sum(databases.stream().flatMap(database -> database.reuses().stream()).toList());
    }

    /** Including what other sets store for this one. */
    public long storedBytes() {
        return databases.stream().mapToLong(DatabaseEntry::storedBytes).sum()
                + globals.map(BlobRef::storedBytes).orElse(0L);
    }
}
