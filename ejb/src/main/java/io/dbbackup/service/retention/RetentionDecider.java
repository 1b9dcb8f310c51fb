package io.dbbackup.service.retention;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.service.retention.RetentionReport.Decided;
import io.dbbackup.service.retention.RetentionReport.Leftover;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.Parameters;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.ItemDraft;
import io.dbbackup.spi.ItemResult;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Decides about the sets and leftovers of a source in a store, and afterwards reports what became of them. */
@ApplicationScoped
public class RetentionDecider {
    private static final String UNFINISHED = "its deletion was begun by an earlier run";
    /** Warnings of what an execution has found, which the next one looks for anew. */
    private static final String DECISION = "decision";
    private static final String LOST = "is not in the store";

    private BackupSets sets;
    private Runs runs;
    private SetUsers users;
    private Leftovers leftovers;
    private WorkQueue queue;
    private Clock clock;

    protected RetentionDecider() {}

    @Inject
    public RetentionDecider(
            BackupSets sets, Runs runs, SetUsers users, Leftovers leftovers, WorkQueue queue, Clock clock) {
        this.sets = sets;
        this.runs = runs;
        this.users = users;
        this.leftovers = leftovers;
        this.queue = queue;
        this.clock = clock;
    }

    ItemResult decide(
            Execution execution, RetentionParameters parameters, BlobStore store, RetentionHandler.Earlier earlier) {
        List<BackupSetView> all = sets.ofSourceInStore(parameters.source(), parameters.store()).stream()
                .filter(set -> parameters.policy().isEmpty() || set.policy().equals(parameters.policy()))
                .toList();
        // after the catalog was read, which names no set before its manifest is there
        List<String> inStore = store.children(parameters.source() + "/");
        Map<String, List<String>> referrers = sets.referrers(parameters.store());
        // others are copies that have everything themselves
        Set<String> referring = referrers.values().stream().flatMap(List::stream).collect(Collectors.toSet());
        List<ItemDraft> work = new ArrayList<>();
        List<Decided> keep = new ArrayList<>();
        List<Decided> expire = new ArrayList<>(earlier.deleted());
        Map<String, BackupSetView> sealed = new LinkedHashMap<>();
        for (BackupSetView set : all) {
            if (whole(set, store, execution)) {
                sealed.put(set.id(), set);
            } else {
                expire.add(decided(set, referring, List.of(UNFINISHED), "not deleted yet"));
                work.add(expiry(set, parameters, List.of(UNFINISHED), List.of()));
            }
        }
        Set<String> unfinished = all.stream()
                .map(BackupSetView::id)
                .filter(id -> !sealed.containsKey(id))
                .collect(Collectors.toSet());
        List<RetentionCandidate> candidates = candidates(sealed);
        List<RetentionDecision> plan = RetentionPlanner.plan(candidates, parameters.rules(), clock.instant());
        List<BackupSetView> lost = lost(
                new MissingSets(store, inStore, execution.cancellation()),
                sealed,
                References.keep(plan, referrers, unfinished),
                RetentionPlanner.counted(candidates, parameters.rules(), clock.instant()));
        execution.settled(DECISION);
        if (!lost.isEmpty()) {
            execution.warn(DECISION, MissingSets.warning(lost));
        }
        // to be forgotten by name only; what they refer to stays with them
        Set<String> away = lost.stream().map(BackupSetView::id).collect(Collectors.toSet());
        List<RetentionDecision> there =
                plan.stream().filter(decision -> !away.contains(decision.set())).toList();
        for (RetentionDecision decision : References.keep(there, referrers, unfinished)) {
            BackupSetView set = sealed.get(decision.set());
            if (decision.keep()) {
                if (set.state() == BackupSetView.State.EXPIRING && !parameters.dryRun()) {
                    sets.sealedAgain(set.id(), set.store(), execution.run(), ExpireSet.key(set.id()));
                }
                keep.add(decided(set, referring, decision.rules(), "kept"));
            } else {
                expire.add(decided(
                        set, referring, decision.rules(), parameters.dryRun() ? "would be deleted" : "not deleted yet"));
                // all that refer to it go with it, but before it
                work.add(expiry(set, parameters, decision.rules(), referrers.getOrDefault(set.id(), List.of())));
            }
        }
        List<Leftover> left = new ArrayList<>();
        for (Leftovers.Found found : leftovers.find(
                store, inStore, parameters.source(), parameters.store(), parameters.leftoverAge())) {
            left.add(new Leftover(found.task().prefix(), found.reason()));
            if (found.strange()) {
                execution.warn(DECISION, found.task().prefix() + " in store " + parameters.store() + " " + found.reason());
            }
            if (found.remove()) {
                work.add(draft(Leftovers.KIND, found.task().set(), "delete leftovers of ", found.task()));
            }
        }
        work.add(new ItemDraft(
                RetentionHandler.UPLOADS, RetentionHandler.UPLOADS, "delete abandoned uploads", "", 0, 9, Map.of(), Set.of()));
        long bytes = parameters.dryRun()
                ? expire.stream().mapToLong(Decided::storedBytes).sum()
                : earlier.bytesFreed();
        plan.stream()
                .filter(decision -> away.contains(decision.set()))
                .forEach(decision ->
                        expire.add(decided(sealed.get(decision.set()), referring, decision.rules(), LOST)));
        RetentionReport report = new RetentionReport(
                parameters.source(),
                parameters.store(),
                parameters.policy().orElse(""),
                parameters.dryRun(),
                first(keep),
                first(expire),
                omitted(keep) + omitted(expire),
                bytes,
                left.stream().limit(RetentionReport.MOST).toList());
        return new ItemResult(0, 0, 0, report, parameters.dryRun() ? List.of() : work);
    }

    /** The manifest goes first: where it still is, nothing else was deleted, and the rules may have changed their mind. */
    private static boolean whole(BackupSetView set, BlobStore store, Execution execution) {
        return set.state() == BackupSetView.State.SEALED
                || new SetRemoval(store, set.prefix(), execution.cancellation()).hasManifest();
    }

    /**
     * The sets that no rule keeps and that the store has lost. Nothing is deleted while it lacks one that the rules keep: others would
     * go for it, or go although it was the last but them.
     *
     * @param counted sets whose loss would change the decisions
     */
    private List<BackupSetView> lost(
            MissingSets missing, Map<String, BackupSetView> sealed, List<RetentionDecision> decisions, Set<String> counted) {
        if (decisions.stream().anyMatch(decision -> !decision.keep() && missing.has(sealed.get(decision.set())))) {
            decisions.stream()
                    .filter(decision -> !decision.keep() || counted.contains(decision.set()))
                    .forEach(decision -> missing.ask(sealed.get(decision.set())));
        }
        List<BackupSetView> lost = missing.lost(sealed.values(), sets);
        Set<String> kept = decisions.stream()
                .filter(RetentionDecision::keep)
                .map(RetentionDecision::set)
                .collect(Collectors.toSet());
        List<BackupSetView> needed = lost.stream().filter(set -> kept.contains(set.id())).toList();
        if (!needed.isEmpty()) {
            throw missing.refusal(needed, References.keepAny(needed, decisions));
        }
        return lost;
    }

    private List<RetentionCandidate> candidates(Map<String, BackupSetView> sealed) {
        Map<String, String> inUse = users.all();
        Set<Instant> several = sealed.values().stream()
                .filter(set -> set.derivedFrom().isPresent())
                .map(RetentionDecider::instant)
                .collect(Collectors.toSet());
        Map<String, List<BackupSetView>> forms =
                sealed.values().stream().collect(Collectors.groupingBy(set -> origin(set, several)));
        return sealed.values().stream()
                .map(set -> new RetentionCandidate(
                        set.id(),
                        origin(set, several),
                        set.takenAt(),
                        ZoneId.of(set.zone()),
                        Lacks.of(runs, set, forms.get(origin(set, several))),
                        set.verifiedOk().orElse(false),
                        !set.verifiedOk().orElse(true),
                        Optional.ofNullable(inUse.get(set.id()))))
                .toList();
    }

    private static String origin(BackupSetView set, Set<Instant> several) {
        return several.contains(instant(set)) ? instant(set).toString() : set.id();
    }

    /**
     * What is made of a set has its instant. That holds when the set between them was removed, too, where the chain of
     * {@code derivedFrom} is broken; and two backups of a source that began in one millisecond would only both be kept.
     */
    private static Instant instant(BackupSetView set) {
        return set.takenAt().truncatedTo(ChronoUnit.MILLIS);
    }

    /** What the report of a restarted run must not forget. */
    RetentionHandler.Earlier earlier(Execution execution, RetentionParameters parameters) {
        return report(execution, parameters)
                .map(report -> new RetentionHandler.Earlier(
                        report.expire().stream().filter(decided -> decided.outcome().equals(ExpireSet.DELETED)).toList(),
                        parameters.dryRun() ? 0 : report.bytesFreed()))
                .orElse(RetentionHandler.Earlier.NOTHING);
    }

    /** The decisions, each with what became of it; empty when there are none yet. */
    Optional<RetentionReport> report(Execution execution, RetentionParameters parameters) {
        Map<String, String> outcomes = new HashMap<>();
        long[] freed = new long[1];
        queue.results(execution.run(), "", ExpireSet.KIND, item -> {
            ExpireSet.Outcome outcome = item.result(ExpireSet.Outcome.class);
            outcomes.put(outcome.set(), outcome.outcome());
            freed[0] += outcome.bytes();
        });
        Map<String, String> stays = new HashMap<>();
        queue.results(execution.run(), "", Leftovers.KIND, item -> {
            Leftovers.Outcome outcome = item.result(Leftovers.Outcome.class);
            outcome.kept().ifPresent(why -> stays.put(outcome.prefix(), ExpireSet.KEPT + why));
        });
        List<RetentionReport> decisions = new ArrayList<>();
        queue.results(
                execution.run(), "", RetentionHandler.DECIDE, item -> decisions.add(item.result(RetentionReport.class)));
        if (decisions.isEmpty()) {
            return Optional.empty();
        }
        RetentionReport decided = decisions.get(0);
        return Optional.of(new RetentionReport(
                decided.source(),
                decided.store(),
                decided.policy(),
                decided.dryRun(),
                decided.keep(),
                decided.expire().stream()
                        .map(d -> new Decided(
                                d.set(),
                                d.takenAt(),
                                d.storedBytes(),
                                d.complete(),
                                d.rules(),
                                outcomes.getOrDefault(d.set(), d.outcome())))
                        .toList(),
                decided.omitted(),
                parameters.dryRun() ? decided.bytesFreed() : decided.bytesFreed() + freed[0],
                decided.leftovers().stream()
                        .map(left -> new Leftover(left.prefix(), stays.getOrDefault(left.prefix(), left.outcome())))
                        .toList()));
    }

    private static Decided decided(BackupSetView set, Set<String> referring, List<String> rules, String outcome) {
        long elsewhere = referring.contains(set.id()) ? set.reusedBytes() : 0;
        return new Decided(set.id(), set.takenAt(), set.storedBytes() - elsewhere, set.complete(), rules, outcome);
    }

    /** @param before sets that have to be gone first */
    private static ItemDraft expiry(
            BackupSetView set, RetentionParameters parameters, List<String> rules, List<String> before) {
        return draft(
                ExpireSet.KIND,
                set.id(),
                "delete ",
                new ExpireSet.Task(set.id(), set.store(), set.storedBytes(), parameters.policy(), rules),
                before.stream().map(ExpireSet::key).collect(Collectors.toSet()));
    }

    private static ItemDraft draft(String kind, String set, String what, Object task) {
        return draft(kind, set, what, task, Set.of());
    }

    private static ItemDraft draft(String kind, String set, String what, Object task, Set<String> needs) {
        return new ItemDraft(key(kind, set), kind, what + set, "", 0, 1, task, needs);
    }

    static String key(String kind, String set) {
        return kind + ":" + set;
    }

    private static List<Decided> first(List<Decided> decisions) {
        return decisions.stream().limit(RetentionReport.MOST).toList();
    }

    private static long omitted(List<Decided> decisions) {
        return Math.max(0, decisions.size() - RetentionReport.MOST);
    }
}
