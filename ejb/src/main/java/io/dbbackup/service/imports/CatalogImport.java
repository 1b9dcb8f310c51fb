package io.dbbackup.service.imports;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.SetId;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.service.access.Access;
import io.dbbackup.service.config.ConfigService;
import io.dbbackup.service.config.ConfigService.FoundStore;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.service.set.ManifestFile;
import io.dbbackup.spi.BlobStore;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.List;
import java.util.Optional;

/**
 * Enters into the catalog what a store holds and the catalog does not know: the way back after the loss of the catalog, and
 * the way to another machine. Reads clear headers only, so it needs no keys. Changes nothing that the catalog knows
 * (it adds references that an older version did not enter), and nothing in the store; each set is a transaction of its own, so an interrupted import is simply done again. May run
 * beside backups and retention. Thread-safe.
 */
@ApplicationScoped
public class CatalogImport {
    private ConfigService config;
    private Access access;
    private BackupSets sets;
    private Runs runs;

    protected CatalogImport() {}

    @Inject
    public CatalogImport(ConfigService config, Access access, BackupSets sets, Runs runs) {
        this.config = config;
        this.access = access;
        this.sets = sets;
        this.runs = runs;
    }

    /**
     * Walks through a store. A store that is given by its URL becomes a configured one if anything is in it.
     *
     * @throws BackupException UNKNOWN_STORE, UNKNOWN_POLICY, INVALID_PARAMETER or INVALID_CONFIGURATION of a URL; UNKNOWN_SOURCE when the
     *     store has nothing of that source; or of the store
     */
    public ImportReport run(ImportRequest request) {
        FoundStore found = config.store(request.from(), request.as());
        config.refuseTwin(found.store());
        Optional<PolicyConfig> policy = request.policy().map(config::policy);
        boolean register = !found.configured() && !request.dryRun();
        Tally tally = new Tally();
        String store = found.store().name();
        try (BlobStore blobs = access.open(found.store())) {
            List<String> sources = sources(store, blobs, request.source());
            if (register) {
                refuseEmpty(sources);
                config.register(found.store());
            }
            for (String source : sources) {
                for (String child : blobs.children(source + "/")) {
                    if (request.set().filter(set -> !set.equals(child)).isEmpty()) {
                        Optional<String> adopting = policy.filter(p -> p.source().equals(source)).map(PolicyConfig::name);
                        look(new Place(blobs, store, source, child), adopting, request.dryRun(), tally);
                    }
                }
            }
        }
        return tally.report(store, register, request.dryRun());
    }

    /** A slip in a URL must not become a store. */
    private static void refuseEmpty(List<String> sources) {
        if (sources.isEmpty()) {
            throw new BackupException(
                    ErrorCode.UNKNOWN_BACKUP_SET,
                    "there is nothing at the place that the URL names",
                    "Check path, bucket and prefix; add the store to the configuration if it is meant to be empty.");
        }
    }

    private static List<String> sources(String store, BlobStore blobs, Optional<String> wanted) {
        List<String> sources = blobs.children("");
        if (wanted.filter(name -> !sources.contains(name)).isPresent()) {
            throw new BackupException(
                    ErrorCode.UNKNOWN_SOURCE,
                    "the store \"" + store + "\" has nothing of a source \"" + wanted.get() + "\"",
                    sources.isEmpty()
                            ? "The store is empty; check its path, bucket and prefix."
                            : "It has sets of: " + String.join(", ", sources.subList(0, Math.min(50, sources.size()))) + ".");
        }
        return wanted.map(List::of).orElse(sources);
    }

    private record Place(BlobStore blobs, String store, String source, String set) {
        String prefix() {
            return BackupSetView.prefix(source, set);
        }

        boolean hasManifest() {
            return blobs.stat(prefix() + BackupManifest.BLOB_NAME).isPresent();
        }
    }

    private void look(Place place, Optional<String> adopting, boolean dryRun, Tally tally) {
        // before the manifest is read: what the catalog does not know now, retention does not delete meanwhile
        Optional<BackupSetView> here = sets.find(place.set(), place.store());
        Optional<RunView> writer = runs.backupOf(place.set());
        try {
            if (!isSetId(place.set())) {
                refuseForeign(place);
                return;
            }
            ManifestFile file = BlobSetReader.file(place.blobs(), place.prefix(), Optional.empty());
            check(place, file.header());
            Optional<BackupSetView> known = sets.find(place.set());
            refuseOther(place, known, file);
            if (here.isPresent()) {
                if (here.get().state() == BackupSetView.State.EXPIRING) {
                    tally.skipped();
                } else {
                    if (!dryRun && here.get().reuses().isEmpty() && !file.header().reuses().isEmpty()) {
                        // entered by a version that did not know references
                        sets.enter(file.header(), place.store(), here.get().policy(), file.sha256());
                    }
                    tally.known();
                }
            } else if (writer.filter(run -> !run.state().ended()).isPresent()) {
                // its backup is about to enter it
                tally.skipped();
            } else {
                Optional<String> policy = adopting
                        .or(() -> known.flatMap(BackupSetView::policy))
                        .or(() -> writer.flatMap(RunView::policy));
                add(place, file, policy, dryRun, tally);
            }
        } catch (BackupException e) {
            if (aboutStore(e.code())) {
                throw e;
            }
            boolean noSet = e.code() == ErrorCode.BLOB_MISSING;
            if (noSet && here.filter(set -> set.state() == BackupSetView.State.SEALED).isEmpty()) {
                // blobs of a backup or a copy that has not ended, or of a set that is being deleted
                return;
            }
            tally.refused(place.prefix(), e.problem());
        }
    }

    private void add(Place place, ManifestFile file, Optional<String> policy, boolean dryRun, Tally tally) {
        if (!dryRun) {
            sets.enter(file.header(), place.store(), policy, file.sha256());
            if (!place.hasManifest()) {
                // somebody with another catalog deleted it in this moment
                sets.forget(place.set(), place.store());
                return;
            }
        }
        tally.imported(file);
    }

    private static void refuseForeign(Place place) {
        if (place.hasManifest()) {
            throw misplaced(
                    place.prefix() + BackupManifest.BLOB_NAME
                            + " is in a place that is not called as a backup set is, so the set was renamed or it is not ours",
                    "Give the set its name back if somebody renamed it; otherwise leave it alone.");
        }
    }

    private static void refuseOther(Place place, Optional<BackupSetView> known, ManifestFile file) {
        if (known.filter(set -> !set.manifestSha256().equals(file.sha256())).isPresent()) {
            throw new BackupException(
                    ErrorCode.SET_CONFLICT,
                    "the catalog knows this set with the SHA-256 " + known.get().manifestSha256() + " of its manifest, in store \""
                            + known.get().store() + "\"; store \"" + place.store() + "\" has " + file.sha256(),
                    "Find out who replaced the manifest; the catalog was left as it is.");
        }
    }

    /** What a manifest says decides about paths and retention, so it must be what its place says. */
    private static void check(Place place, SetHeader header) {
        String where = place.prefix() + BackupManifest.BLOB_NAME;
        if (!place.set().equals(header.set()) || !place.source().equals(header.source())) {
            throw misplaced(
                    where + " is the manifest of " + header.source() + "/" + header.set()
                            + ", so the set was moved or the manifest was copied here",
                    "Move the set back to " + BackupSetView.prefix(header.source(), header.set()) + " if it was moved.");
        }
        if (header.run() == null || header.startedAt() == null || header.sealedAt() == null
                || header.engine() == null || header.serverVersion() == null || header.zone() == null) {
            throw invalid(where, "lacks run, startedAt, sealedAt, zone, engine or version of the server", null);
        }
        boolean fits = header.source().length() <= 100 && header.zone().length() <= 100
                && header.engine().length() <= 40 && header.serverVersion().length() <= 400;
        if (!fits) {
            throw invalid(where, "has a source, zone, engine or version of the server longer than any that was written", null);
        }
        if (!header.reuses().stream().allMatch(reused -> reused.set() != null && isSetId(reused.set()))) {
            throw invalid(where, "refers to something that is no backup set", null);
        }
        try {
            ZoneId.of(header.zone());
        } catch (DateTimeException e) {
            throw invalid(where, "has the time zone \"" + header.zone() + "\", which there is not", e);
        }
    }

    private static BackupException misplaced(String cause, String remedy) {
        return new BackupException(ErrorCode.MANIFEST_INVALID, cause, remedy);
    }

    private static BackupException invalid(String where, String what, Exception origin) {
        return new BackupException(
                ErrorCode.MANIFEST_INVALID,
                where + " " + what,
                "Restore the manifest from another copy of the backup set.",
                origin);
    }

    /** Then the other sets will fare no better. */
    private static boolean aboutStore(ErrorCode code) {
        return switch (code) {
            case STORE_UNREACHABLE, STORE_NOT_WRITABLE, STORE_FULL, STORE_AUTHENTICATION_FAILED, STORE_ACCESS_DENIED,
                    STORE_MISSING, STORE_CLOCK_SKEW, STORE_NOT_TRUSTED -> true;
            default -> false;
        };
    }

    private static boolean isSetId(String text) {
        try {
            return !new SetId(text).value().isEmpty();
        } catch (BackupException e) {
            // not ours
            return false;
        }
    }
}
