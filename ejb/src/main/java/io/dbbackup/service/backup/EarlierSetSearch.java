package io.dbbackup.service.backup;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.Runs;
import io.dbbackup.crypto.KeyBunch;
import io.dbbackup.crypto.SetKeys;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Omission;
import io.dbbackup.model.SetId;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.KeySection;
import io.dbbackup.model.manifest.Reused;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.model.manifest.WrappedKey;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.service.set.BlobSetWriter;
import io.dbbackup.service.set.ManifestFile;
import io.dbbackup.service.set.SameRecipients;
import io.dbbackup.spi.BlobStore;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Finds the set that a backup may refer to: the newest one that holds everything that this run takes, or else the newest one that
 * holds some of it. The work is bounded: the catalog is asked for the newest sets until they are too old, few manifests are
 * read of those that may do, and fewer of these sets are opened.
 */
record EarlierSetSearch(
        Execution execution,
        BackupParameters parameters,
        BlobStore store,
        Optional<BlobSetWriter.Encryption> encryption,
        Supplier<KeyBunch> keys,
        BackupSets sets,
        Runs runs) {
    private static final int PAGE = 100;
    /** So many sets the catalog is asked for. */
    private static final int MOST_LISTED = 2000;
    /** Of so many the manifest is read to see what they hold, and for whom. */
    private static final int MOST_READ = 50;
    /** So many that hold what is wanted are opened before nothing is referred to. */
    private static final int MOST_TRIES = 10;
    /** And so many of these while they hold only some of it, which leaves tries for one that holds everything. */
    private static final int MOST_TRIES_OF_SOME = 5;

    /** How much of what the run takes a set holds. */
    private enum Holds {
        /** It cannot serve for reasons of its own, which say nothing of other sets. */
        UNUSABLE,
        NOTHING,
        SOME,
        ALL
    }

    /** A policy's sets of so many databases hold the same ones, as a rule; names of recipients as the catalog knows them. */
    private record Kind(String policy, int databases, Optional<List<String>> recipients) {}

    /** Empty when there is none, or nothing shall be referred to. */
    Optional<EarlierSet> find() {
        if (!parameters.spec().reuse()) {
            return Optional.empty();
        }
        if (store.capabilities().lockDays().isPresent() || store.capabilities().objectLock()) {
            // some stores do not tell for how long
            execution.warn("reuse_parts has no effect in store \"" + parameters.store()
                    + "\": it keeps what is written undeletable for a time, or may, which would end earlier for parts that are"
                    + " reused");
            return Optional.empty();
        }
        Instant since = execution.view().startedAt().orElseThrow().minus(parameters.reuseWithin());
        Set<Kind> others = new HashSet<>();
        Optional<EarlierSet> some = Optional.empty();
        int read = 0;
        int tries = 0;
        int triesOfSome = 0;
        for (BackupSetView set : candidates(since)) {
            Optional<Kind> kind = set.policy()
                    .filter(policy -> leftOut(set).isEmpty())
                    .map(policy -> new Kind(policy, set.databases(), set.recipients()));
            if (kind.filter(others::contains).isPresent()) {
                continue;
            }
            if (read++ == MOST_READ) {
                break;
            }
            Holds holds = holds(set);
            if (holds == Holds.UNUSABLE) {
                continue;
            }
            if (holds == Holds.NOTHING || holds == Holds.SOME && some.isPresent()) {
                kind.ifPresent(others::add);
                continue;
            }
            if (holds == Holds.SOME && triesOfSome++ >= MOST_TRIES_OF_SOME) {
                kind.ifPresent(others::add);
                continue;
            }
            if (tries++ == MOST_TRIES) {
                break;
            }
            Optional<EarlierSet> opened = open(set, since);
            if (opened.isPresent() && holds == Holds.ALL) {
                return opened;
            }
            if (opened.isPresent()) {
                // one that cannot be opened does not stand for its kind
                kind.ifPresent(others::add);
            }
            some = some.or(() -> opened);
        }
        return some;
    }

    /** By what the catalog knows, newest first. */
    private List<BackupSetView> candidates(Instant since) {
        List<BackupSetView> candidates = new ArrayList<>();
        Optional<String> before = Optional.empty();
        for (int listed = 0; listed < MOST_LISTED; listed += PAGE) {
            List<BackupSetView> page =
                    sets.list(Optional.of(parameters.source()), Optional.of(parameters.store()), before, PAGE);
            page.stream().filter(set -> young(set.id(), since) && mayServe(set)).forEach(candidates::add);
            if (page.size() < PAGE || !young(page.get(PAGE - 1).id(), since)) {
                break;
            }
            before = Optional.of(page.get(PAGE - 1).id());
        }
        return candidates;
    }

    private boolean mayServe(BackupSetView set) {
        // when this run was interrupted after it had published its set, that is not an earlier one
        return !set.run().equals(execution.run())
                && leavesNoMoreOut(set)
                && set.verifiedOk().orElse(true)
                && set.recipients().map(names -> names.isEmpty() == encryption.isEmpty()).orElse(true);
    }

    /** What it holds is whole, and it leaves no more databases out than this run does. */
    private boolean leavesNoMoreOut(BackupSetView set) {
        return leftOut(set).isEmpty() || parameters.someDatabases() && leftOut(set).equals(List.of(Omission.SOME_DATABASES));
    }

    /** What is in a set beside an unfinished restore is as good to refer to as any, and what that had not brought yet is just not found. */
    private static List<Omission> leftOut(BackupSetView set) {
        return set.omissions().stream().filter(omission -> omission != Omission.UNFINISHED_RESTORE).toList();
    }

    private static boolean young(String id, Instant since) {
        return !new SetId(id).takenAt().isBefore(since);
    }

    /** By the names in its manifest. Unusable when it is not there any more, or is for other recipients, who may have the same names. */
    private Holds holds(BackupSetView set) {
        Optional<ManifestFile> file = file(set);
        if (file.isEmpty()) {
            return Holds.UNUSABLE;
        }
        SetHeader header = file.get().header();
        if (!mayHaveSameRecipients(header)) {
            return set.recipients().isPresent() && !Set.copyOf(header.recipients()).equals(recipients())
                    ? Holds.NOTHING
                    : Holds.UNUSABLE;
        }
        Set<String> names = names(file.get());
        List<String> wanted = parameters.spec().databases();
        // only the set of a whole server has globals
        boolean all = parameters.spec().wholeCluster() ? globals(file.get()) : names.containsAll(wanted);
        boolean some = parameters.spec().wholeCluster() ? !names.isEmpty() : wanted.stream().anyMatch(names::contains);
        return all ? Holds.ALL : some ? Holds.SOME : Holds.NOTHING;
    }

    private static Set<String> names(ManifestFile file) {
        Stream<String> names = file.encrypted()
                ? file.header().databases().stream().map(SetHeader.Database::name)
                : file.manifest(SetKeys.NONE).databases().stream().map(DatabaseEntry::name);
        return names.collect(Collectors.toSet());
    }

    private static boolean globals(ManifestFile file) {
        return file.encrypted()
                ? file.header().globals().isPresent()
                : file.manifest(SetKeys.NONE).globals().isPresent();
    }

    private Optional<ManifestFile> file(BackupSetView set) {
        try {
            return Optional.of(BlobSetReader.file(store, set.prefix(), Optional.of(set.manifestSha256())));
        } catch (BackupException e) {
            execution.cancellation().check();
            if (there(set.id()).isPresent()) {
                execution.warn("nothing of backup set " + set.id() + " is reused: " + e.problem().cause());
            }
            return Optional.empty();
        }
    }

    private Optional<BackupSetView> there(String id) {
        return sets.find(id, parameters.store())
                .filter(found -> found.state() == BackupSetView.State.SEALED)
                .filter(found -> found.verifiedOk().orElse(true));
    }

    private Optional<EarlierSet> open(BackupSetView base, Instant since) {
        Set<String> wanted = Stream.concat(Stream.of(base.id()), base.reuses().stream().map(Reused::set))
                .filter(id -> young(id, since))
                .collect(Collectors.toSet());
        runs.pin(execution.run(), wanted);
        // only now, when whoever wants to delete one of them sees that it is used
        Set<String> suspects = suspects();
        Set<String> origins = wanted.stream().filter(id -> !suspects.contains(id) && fits(id)).collect(Collectors.toSet());
        if (!origins.contains(base.id())) {
            return Optional.empty();
        }
        try {
            return Optional.of(new EarlierSet(
                    execution,
                    BlobSetReader.open(store, base.prefix(), Optional.of(base.manifestSha256()), keys.get()),
                    store,
                    origins));
        } catch (BackupException e) {
            if (e.code() == ErrorCode.KEY_MISSING) {
                execution.warn("reuse_parts has no effect: what backup set " + base.id()
                        + " holds is encrypted, and this machine has no key that opens it");
            } else {
                execution.warn("nothing of backup set " + base.id() + " is reused: " + e.problem().cause());
            }
            return Optional.empty();
        }
    }

    /** What sets refer to that are known to be damaged: nobody has asked of which of their parts that is. */
    private Set<String> suspects() {
        return sets.ofSourceInStore(parameters.source(), parameters.store()).stream()
                .filter(set -> !set.verifiedOk().orElse(true))
                .flatMap(set -> set.reuses().stream().map(Reused::set))
                .collect(Collectors.toSet());
    }

    /** Whether the set is there, is not known to be damaged, and is encrypted for the same recipients. */
    private boolean fits(String id) {
        return there(id).flatMap(this::file).map(ManifestFile::header).filter(this::sameRecipients).isPresent();
    }

    /** Each key of the set must have the same. */
    private boolean sameRecipients(SetHeader header) {
        List<KeySection> own = ownKeys(header);
        return encryption
                .map(now -> new SameRecipients(now, keys))
                .map(same -> !own.isEmpty() && own.stream().allMatch(section -> same.have(section, header.set())))
                .orElse(own.isEmpty());
    }

    /** Without the second that it takes to try a passphrase. */
    private boolean mayHaveSameRecipients(SetHeader header) {
        List<KeySection> own = ownKeys(header);
        return encryption
                .map(now -> new SameRecipients(now, keys))
                .map(same -> !own.isEmpty() && own.stream().allMatch(same::mayHave))
                .orElse(own.isEmpty());
    }

    /** Names of those that this run encrypts for. */
    private Set<String> recipients() {
        return encryption.stream()
                .flatMap(now -> now.section().recipients().stream())
                .map(WrappedKey::name)
                .collect(Collectors.toSet());
    }

    private static List<KeySection> ownKeys(SetHeader header) {
        return header.encryption().stream()
                .flatMap(there -> there.keys().stream())
                .filter(section -> section.set().isEmpty())
                .toList();
    }
}
