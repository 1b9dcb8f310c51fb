package io.dbbackup.service.retention;

import io.dbbackup.model.RetentionPolicy;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Decides which sets stay: the union of the policy's rules, the newest set whose latest verification passed, and every
 * set in use. A pure function: the same sets in whatever order, policy and instant give the same decisions.
 *
 * <p>No rule takes away what another one keeps, so that a policy with one more rule keeps at least as much. Where a rule
 * has to choose, a complete set comes before an incomplete one: an incomplete set stands for a period only when the
 * period has no complete one. And a set never pushes out one that has what it lacks: every rule keeps what it would keep
 * of all sets <em>and</em> what it would keep if there were only the complete ones, only those that lack nothing but some
 * databases, and so on for each {@link RetentionCandidate#lacks} there is. So neither a row of incomplete sets nor one that
 * somebody takes of a few databases by hand takes the place of another one's last, or of its day or month.
 *
 * <p>A damaged set pushes out nothing: besides what a rule keeps without a look at damage it keeps what it would keep if
 * the damaged sets were not there. They are not dropped for it, since most of what they hold may be restorable.
 *
 * <p>The forms of one backup (see {@link RetentionCandidate#origin}) count as one and stay or go together: a set that was
 * encrypted pushes nothing out, and what proves or uses one form keeps the others.
 */
public final class RetentionPlanner {
    private static final Comparator<RetentionCandidate> NEWEST_FIRST = Comparator.comparing(RetentionCandidate::takenAt)
            .thenComparing(RetentionCandidate::origin)
            .thenComparing(RetentionCandidate::set)
            .reversed();

    private final RetentionPolicy policy;
    private final Instant now;
    private final List<RetentionCandidate> sets;
    private final List<Worth> worths;
    private final Map<String, List<String>> keeps = new LinkedHashMap<>();
    private final Map<CalendarPeriod, Map<String, List<RetentionCandidate>>> keptOfPeriod = new EnumMap<>(CalendarPeriod.class);

    private RetentionPlanner(List<RetentionCandidate> sets, RetentionPolicy policy, Instant now) {
        this.policy = policy;
        this.now = now;
        this.sets = sets.stream().sorted(NEWEST_FIRST).toList();
        this.worths = Worth.of(this.sets);
        this.sets.forEach(set -> keeps.put(set.set(), new ArrayList<>()));
    }

    /**
     * Decides about sets of one source in one store.
     *
     * @return one decision per set, newest set first; empty only when there are no sets
     */
    public static List<RetentionDecision> plan(List<RetentionCandidate> sets, RetentionPolicy policy, Instant now) {
        Map<String, List<RetentionCandidate>> backups = new LinkedHashMap<>();
        sets.stream()
                .sorted(NEWEST_FIRST)
                .forEach(set -> backups.computeIfAbsent(set.origin(), origin -> new ArrayList<>()).add(set));
        Map<String, List<RetentionCandidate>> forms = new HashMap<>();
        List<RetentionCandidate> one = new ArrayList<>();
        backups.values().forEach(same -> {
            one.add(together(same));
            forms.put(same.get(0).set(), same);
        });
        return new RetentionPlanner(one, policy, now)
                .decide().stream()
                        .flatMap(decision -> forms.get(decision.set()).stream()
                                .map(set -> new RetentionDecision(set.set(), decision.keep(), decision.rules())))
                        .toList();
    }

    /** Ids of the sets that a rule counts. Without one of them another set might stay that expires; an age counts nothing. */
    static Set<String> counted(List<RetentionCandidate> sets, RetentionPolicy policy, Instant now) {
        RetentionPolicy counts = new RetentionPolicy(
                policy.last(), policy.daily(), policy.weekly(), policy.monthly(), policy.yearly(), policy.minCount(),
                Optional.empty());
        return plan(sets, counts, now).stream()
                .filter(RetentionDecision::keep)
                .map(RetentionDecision::set)
                .collect(Collectors.toSet());
    }

    /** What stands for all forms of a backup: the newest of them, with what is known of any. */
    private static RetentionCandidate together(List<RetentionCandidate> same) {
        RetentionCandidate newest = same.get(0);
        return new RetentionCandidate(
                newest.set(),
                newest.origin(),
                newest.takenAt(),
                newest.zone(),
                same.stream().map(RetentionCandidate::lacks).min(Comparator.comparingInt(Set::size)).orElseThrow(),
                same.stream().anyMatch(RetentionCandidate::verifiedOk),
                same.stream().allMatch(RetentionCandidate::damaged),
                same.stream().flatMap(set -> set.usedBy().stream()).findFirst());
    }

    private List<RetentionDecision> decide() {
        keepNewest(policy.last(), "last " + policy.last());
        for (CalendarPeriod period : CalendarPeriod.values()) {
            keepOnePer(period);
        }
        policy.maxAge().ifPresent(age -> sets.stream()
                .filter(set -> youngerThan(age, set))
                .forEach(set -> keep(set, "younger than " + Ages.text(age))));
        for (Worth worth : worths) {
            sets.stream().filter(RetentionCandidate::verifiedOk).filter(worth.has).findFirst()
                    .ifPresent(set -> keep(set, "newest verified", worth.text.equals(Worth.COMPLETE) ? " complete set" : " set" + worth.text));
        }
        sets.forEach(set -> set.usedBy().ifPresent(user -> keep(set, "in use by " + user)));
        keepMinimum();
        return sets.stream().map(this::decision).toList();
    }

    private void keepNewest(int count, String rule) {
        for (Worth worth : worths) {
            newest(count, worth).forEach(set -> keep(set, rule, worth.text));
        }
    }

    private Stream<RetentionCandidate> newest(int count, Worth worth) {
        return sets.stream().filter(worth.has).limit(count);
    }

    /** Does not depend on what other rules keep, but is only worth naming where no other rule decided. */
    private void keepMinimum() {
        List<RetentionCandidate> undecided =
                sets.stream().filter(set -> keeps.get(set.set()).isEmpty()).toList();
        Set<RetentionCandidate> newest = worths.stream()
                .flatMap(worth -> newest(policy.minCount(), worth))
                .collect(Collectors.toSet());
        undecided.stream().filter(newest::contains).forEach(set -> keep(set, "minimum count " + policy.minCount()));
    }

    private void keepOnePer(CalendarPeriod period) {
        Map<String, List<RetentionCandidate>> kept = new HashMap<>();
        // periods with nothing but sets of less worth are not counted a second time either
        for (Worth worth : worths) {
            onePer(period, worth).forEach((name, set) -> {
                keep(set, period.rule() + " " + name, worth.text);
                kept.computeIfAbsent(name, n -> new ArrayList<>()).add(set);
            });
        }
        keptOfPeriod.put(period, kept);
    }

    /** Of the newest periods that have such sets, the one that stands for each, by the period's name. */
    private Map<String, RetentionCandidate> onePer(CalendarPeriod period, Worth worth) {
        Map<String, List<RetentionCandidate>> periods = new LinkedHashMap<>();
        sets.stream().filter(worth.has)
                .forEach(set -> periods.computeIfAbsent(nameOf(period, set), name -> new ArrayList<>()).add(set));
        Map<String, RetentionCandidate> chosen = new LinkedHashMap<>();
        periods.entrySet().stream().limit(countOf(period))
                .forEach(entry -> chosen.put(entry.getKey(), completeFirst(entry.getValue())));
        return chosen;
    }

    /** The newest complete one, or else the newest. */
    private static RetentionCandidate completeFirst(List<RetentionCandidate> newestFirst) {
        return newestFirst.stream().filter(RetentionCandidate::complete).findFirst().orElseGet(() -> newestFirst.get(0));
    }

    private RetentionDecision decision(RetentionCandidate set) {
        List<String> rules = keeps.get(set.set());
        return rules.isEmpty()
                ? new RetentionDecision(set.set(), false, whyNot(set))
                : new RetentionDecision(set.set(), true, rules);
    }

    private List<String> whyNot(RetentionCandidate set) {
        List<String> reasons = new ArrayList<>();
        if (policy.last() > 0) {
            reasons.add("beyond last " + policy.last());
        }
        for (CalendarPeriod period : CalendarPeriod.values()) {
            if (countOf(period) > 0) {
                String name = nameOf(period, set);
                reasons.add(instead(period, name, set)
                        .map(kept -> period.rule() + " " + name + " keeps " + kept.set())
                        .orElse("beyond " + period.rule() + " " + countOf(period)));
            }
        }
        policy.maxAge().ifPresent(age -> reasons.add("not younger than " + Ages.text(age)));
        if (reasons.isEmpty()) {
            reasons.add("beyond minimum count " + policy.minCount());
        }
        return reasons;
    }

    /** What stands for a period and lacks no more than a set that does not: the undamaged one, which comes last, where there is one. */
    private Optional<RetentionCandidate> instead(CalendarPeriod period, String name, RetentionCandidate set) {
        return keptOfPeriod.get(period).getOrDefault(name, List.of()).stream()
                .filter(kept -> set.lacks().containsAll(kept.lacks()))
                .reduce((first, last) -> last);
    }

    private boolean youngerThan(Duration age, RetentionCandidate set) {
        return set.takenAt().isAfter(now.minus(age));
    }

    private int countOf(CalendarPeriod period) {
        return switch (period) {
            case DAILY -> policy.daily();
            case WEEKLY -> policy.weekly();
            case MONTHLY -> policy.monthly();
            case YEARLY -> policy.yearly();
        };
    }

    private static String nameOf(CalendarPeriod period, RetentionCandidate set) {
        return period.of(set.takenAt(), set.zone());
    }

    /** Says so once, with the least that it takes. */
    private void keep(RetentionCandidate set, String rule, String worth) {
        if (keeps.get(set.set()).stream().noneMatch(known -> known.startsWith(rule))) {
            keep(set, rule + worth);
        }
    }

    private void keep(RetentionCandidate set, String rule) {
        keeps.get(set.set()).add(rule);
    }

    /**
     * Sets are counted for each of these by itself, so that none pushes out one that is worth more in any way.
     *
     * @param text what a rule that keeps such sets says of them
     */
    private record Worth(String text, Predicate<RetentionCandidate> has) {
        private static final String COMPLETE = " complete";
        private static final int SHOWN = 5;

        /** What asks for less comes first. */
        static List<Worth> of(List<RetentionCandidate> sets) {
            Stream<Worth> kinds = sets.stream()
                    .map(RetentionCandidate::lacks)
                    .filter(lacks -> !lacks.isEmpty())
                    .distinct()
                    .sorted(Comparator.<Set<String>>comparingInt(Set::size).thenComparing(Worth::words))
                    .map(lacks -> new Worth(" lacking only " + shown(lacks), set -> lacks.containsAll(set.lacks())));
            List<Worth> whatever = Stream.concat(
                            Stream.of(new Worth("", set -> true), new Worth(COMPLETE, RetentionCandidate::complete)), kinds)
                    .toList();
            return Stream.concat(whatever.stream(), whatever.stream().map(Worth::undamaged)).toList();
        }

        private static String words(Set<String> lacks) {
            return lacks.stream().sorted().collect(Collectors.joining(" and "));
        }

        private static String shown(Set<String> lacks) {
            return lacks.size() <= SHOWN
                    ? words(lacks)
                    : lacks.stream().sorted().limit(SHOWN).collect(Collectors.joining(", ")) + " and " + (lacks.size() - SHOWN) + " more";
        }

        private Worth undamaged() {
            return new Worth(
                    text.equals(COMPLETE) ? text + " and undamaged" : " undamaged" + text, has.and(set -> !set.damaged()));
        }
    }
}
