package io.dbbackup.service.verify;

import io.dbbackup.catalog.Finding;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.Omission;
import io.dbbackup.model.Problem;
import io.dbbackup.model.Selection;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.BackupManifest.MissingDatabase;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.model.manifest.StoredBlob;
import io.dbbackup.model.manifest.TableManifest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Checks that manifests are the ones that were written and do not contradict themselves. */
final class ManifestCheck {
    private static final String REMEDY = "Restore the manifest from another copy of the backup set.";

    private ManifestCheck() {}

    /** The set's manifest: its own digest, and the one in the catalog. */
    static List<Finding> ofSet(OpenSet set) {
        try {
            set.checkAgainstCatalog();
            String source = set.file().header().source();
            String id = set.file().header().set();
            if (!id.equals(set.view().id()) || !source.equals(set.view().source())) {
                return List.of(contradiction(
                        "",
                        BackupManifest.BLOB_NAME,
                        set.view().source() + "/" + set.view().id(),
                        source + "/" + id,
                        "the manifest at " + set.prefix() + " is that of the set " + source + "/" + id));
            }
            Stream<Finding> partial = Stream.of(set.file().header().ofDatabases())
                    .filter(omissions -> !omissions.isEmpty())
                    .map(ManifestCheck::partial);
            Stream<Finding> missing = Stream.concat(
                    set.missing().stream().map(ManifestCheck::missing), set.lacks().map(ManifestCheck::lacks));
            Stream<Finding> beside = Stream.of(set.file().header()).filter(header -> !header.databasesBesideRestore().isEmpty()).map(header -> lacks(
                    "the set was taken beside an unfinished restore into its source and may hold only a part of what that brings: its backup's"
                            + " warnings name the databases"));
            return Stream.of(partial, chosen(set).stream(), missing, beside).flatMap(Function.identity()).toList();
        } catch (BackupException e) {
            return List.of(Damage.finding(
                    "", BackupManifest.BLOB_NAME, "SHA-256 " + set.view().manifestSha256(), e));
        }
    }

    /** What is left out by intention is no damage, and nothing that this verification proves. */
    private static Finding partial(List<Omission> omissions) {
        return Finding.warning(
                "",
                BackupManifest.BLOB_NAME,
                "everything of its databases",
                Selection.text(omissions),
                new Problem(
                        ErrorCode.PARTIAL_SUCCESS,
                        "the set is a partial one (" + Selection.text(omissions)
                                + "): only what it holds is proven, not what it leaves out",
                        "Keep complete sets of this source as well."));
    }

    /** No warning, since what the set holds is whole; but who reads the report shall not take it for all of the source. */
    private static Optional<Finding> chosen(OpenSet set) {
        return set.file().header().someDatabases()
                ? Optional.of(Finding.passed(
                        "", "databases", "those that the backup was told to take", Omission.SOME_DATABASES.text()))
                : Optional.empty();
    }

    private static Finding missing(MissingDatabase missing) {
        return Finding.warning(
                missing.name(),
                "database " + missing.name(),
                "in the set",
                "missing",
                new Problem(
                        ErrorCode.PARTIAL_SUCCESS,
                        "database \"" + missing.name() + "\" is not in the set: " + missing.reason(),
                        "Make a new backup; this one proves nothing about that database."));
    }

    private static Finding lacks(String what) {
        return Finding.warning(
                "",
                BackupManifest.BLOB_NAME,
                "all that the backup was to take",
                what,
                new Problem(
                        ErrorCode.PARTIAL_SUCCESS,
                        what,
                        "Make a new backup; this one proves nothing about what is not in it. What is encrypted is told by"
                                + " level=content where a key of the set is."));
    }

    /** A database's manifest: readable, and its numbers add up to each other and to its entry. */
    static List<Finding> ofDatabase(OpenSet set, DatabaseEntry entry) {
        DatabaseManifest manifest;
        try {
            manifest = set.database(entry.name()).manifest();
        } catch (BackupException e) {
            return List.of(Damage.finding(
                    entry.name(), entry.manifest().name(), "SHA-256 " + entry.manifest().storedSha256(), e));
        }
        if (set.byInventory()) {
            long bytes = manifest.blobs().stream().mapToLong(BlobRef::storedBytes).sum();
            return bytes == entry.storedBytes()
                    ? List.of()
                    : List.of(contradiction(
                            entry,
                            entry.storedBytes() + " bytes",
                            bytes + " bytes",
                            "its inventory lists " + bytes + " bytes, the set's manifest says " + entry.storedBytes()));
        }
        List<Finding> findings = new ArrayList<>();
        Set<String> blobs = new HashSet<>();
        for (BlobRef blob : manifest.blobs()) {
            if (!blobs.add(blob.name())) {
                findings.add(contradiction(
                        entry, "each blob once", blob.name() + " twice", "blob " + blob.name() + " is listed twice"));
            }
        }
        for (String definitions : manifest.definitionBlobs()) {
            if (!blobs.contains(definitions)) {
                findings.add(contradiction(
                        entry,
                        definitions,
                        "not listed",
                        "the blob " + definitions + " with the definitions is not among its blobs"));
            }
        }
        long rows = 0;
        for (TableManifest table : manifest.tables()) {
            findings.addAll(ofTable(entry, table, blobs));
            rows += table.content().rows();
        }
        if (rows != entry.rows() || manifest.tables().size() != entry.tables()) {
            findings.add(contradiction(
                    entry,
                    entry.tables() + " tables, " + entry.rows() + " rows",
                    manifest.tables().size() + " tables, " + rows + " rows",
                    "it lists " + manifest.tables().size() + " tables with " + rows + " rows, the set's manifest says "
                            + entry.tables() + " tables with " + entry.rows() + " rows"));
        }
        if (set.file().encrypted()) {
            findings.addAll(ofInventory(set, entry, manifest));
        }
        return findings;
    }

    /** A restore does without the inventory; a copy by a machine that has no key does not. */
    private static List<Finding> ofInventory(OpenSet set, DatabaseEntry entry, DatabaseManifest manifest) {
        String name = set.inventory(entry.name()).name();
        Set<StoredBlob> listed;
        try {
            listed = Set.copyOf(set.listed(entry.name()));
        } catch (BackupException e) {
            return List.of(Damage.finding(
                    entry.name(), name, "SHA-256 " + set.inventory(entry.name()).storedSha256(), e));
        }
        Set<StoredBlob> stored = Stream.concat(Stream.of(entry.manifest()), manifest.blobs().stream())
                .map(StoredBlob::of)
                .collect(Collectors.toSet());
        return listed.equals(stored)
                ? List.of()
                : List.of(contradiction(
                        entry.name(), name, stored.size() + " blobs", listed.size() + " blobs, or others",
                        "the inventory " + name + " does not list the blobs of the manifest of database \"" + entry.name() + "\""));
    }

    private static List<Finding> ofTable(DatabaseEntry entry, TableManifest table, Set<String> blobs) {
        List<Finding> findings = new ArrayList<>();
        String name = table.schema() + "." + table.name();
        Fingerprint sum = Fingerprint.EMPTY;
        for (PartManifest part : table.parts()) {
            sum = sum.plus(part.content());
            if (!blobs.contains(part.blob())) {
                findings.add(contradiction(
                        entry,
                        part.blob(),
                        "not listed",
                        "the blob " + part.blob() + " of table " + name + " is not among its blobs"));
            }
        }
        if (!sum.equals(table.content())) {
            findings.add(contradiction(
                    entry,
                    table.content().toString(),
                    sum.toString(),
                    "it says " + table.content() + " for table " + name + ", whose parts add up to " + sum));
        }
        return findings;
    }

    private static Finding contradiction(DatabaseEntry entry, String expected, String found, String what) {
        return contradiction(
                entry.name(),
                entry.manifest().name(),
                expected,
                found,
                "the manifest of database \"" + entry.name() + "\" contradicts itself: " + what);
    }

    private static Finding contradiction(
            String database, String subject, String expected, String found, String sentence) {
        return Finding.failed(
                database, subject, expected, found, new Problem(ErrorCode.MANIFEST_INVALID, sentence, REMEDY));
    }
}
