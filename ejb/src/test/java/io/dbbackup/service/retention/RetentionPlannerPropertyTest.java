package io.dbbackup.service.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.model.RetentionPolicy;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** What must hold for whatever sets and policy; a failure names its seed. */
class RetentionPlannerPropertyTest {
    private static final Instant NOW = Instant.parse("2026-11-20T23:32:00Z");
    private static final List<ZoneId> ZONES = List.of(
            ZoneId.of("UTC"), ZoneId.of("Europe/Berlin"), ZoneId.of("Pacific/Kiritimati"), ZoneId.of("America/St_Johns"));

    private static final List<Set<String>> LACKS = List.of(
            Set.of("what failed"), Set.of("some databases"), Set.of("all rows"), Set.of("all rows", "some databases"));

    @Test
    void something_is_kept_whenever_there_is_something() {
        each((random, sets, policy) -> assertThat(kept(sets, policy).isEmpty()).isEqualTo(sets.isEmpty()));
    }

    @Test
    void never_fewer_than_the_minimum_count_remain() {
        each((random, sets, policy) -> assertThat(kept(sets, policy))
                .hasSizeGreaterThanOrEqualTo(Math.min(policy.minCount(), sets.size())));
    }

    @Test
    void every_set_gets_exactly_one_decision_with_a_reason() {
        each((random, sets, policy) -> {
            List<RetentionDecision> decisions = RetentionPlanner.plan(sets, policy, NOW);
            assertThat(decisions)
                    .extracting(RetentionDecision::set)
                    .containsExactlyInAnyOrderElementsOf(
                            sets.stream().map(RetentionCandidate::set).toList());
            assertThat(decisions).allSatisfy(decision -> assertThat(decision.rules()).isNotEmpty());
        });
    }

    @Test
    void one_more_rule_never_takes_a_set_away() {
        each((random, sets, policy) ->
                assertThat(kept(sets, widened(random, policy))).containsAll(kept(sets, policy)));
    }

    @Test
    void the_order_of_the_sets_does_not_matter() {
        each((random, sets, policy) -> {
            List<RetentionCandidate> shuffled = new ArrayList<>(sets);
            Collections.shuffle(shuffled, random);
            assertThat(RetentionPlanner.plan(shuffled, policy, NOW))
                    .isEqualTo(RetentionPlanner.plan(sets, policy, NOW));
        });
    }

    @Test
    void the_newest_verified_set_and_sets_in_use_are_kept() {
        each((random, sets, policy) -> {
            Set<String> kept = kept(sets, policy);
            sets.stream()
                    .filter(RetentionCandidate::verifiedOk)
                    .max(Comparator.comparing(RetentionCandidate::takenAt).thenComparing(RetentionCandidate::set))
                    .ifPresent(verified -> assertThat(kept).contains(verified.set()));
            assertThat(kept)
                    .containsAll(sets.stream()
                            .filter(set -> set.usedBy().isPresent())
                            .map(RetentionCandidate::set)
                            .toList());
        });
    }

    @Test
    void applying_a_policy_twice_expires_nothing_more() {
        each((random, sets, policy) -> {
            Set<String> once = kept(sets, policy);
            List<RetentionCandidate> left =
                    sets.stream().filter(set -> once.contains(set.set())).toList();
            assertThat(kept(left, policy)).isEqualTo(once);
        });
    }

    @Test
    void the_newest_complete_set_is_kept_whatever_the_rules() {
        each((random, sets, policy) -> sets.stream()
                .filter(RetentionCandidate::complete)
                .max(Comparator.comparing(RetentionCandidate::takenAt).thenComparing(RetentionCandidate::set))
                .ifPresent(newest -> assertThat(kept(sets, policy)).contains(newest.set())));
    }

    @Test
    void the_newest_undamaged_set_is_kept_whatever_the_rules_and_so_is_the_newest_complete_one_of_these() {
        each((random, sets, policy) -> {
            for (Predicate<RetentionCandidate> which :
                    List.<Predicate<RetentionCandidate>>of(set -> true, RetentionCandidate::complete)) {
                sets.stream()
                        .filter(set -> !set.damaged())
                        .filter(which)
                        .max(Comparator.comparing(RetentionCandidate::takenAt).thenComparing(RetentionCandidate::set))
                        .ifPresent(newest -> assertThat(kept(sets, policy)).contains(newest.set()));
            }
        });
    }

    @Test
    void a_failed_verification_takes_no_set_away() {
        each((random, sets, policy) -> {
            List<RetentionCandidate> unknown = sets.stream().map(set -> new RetentionCandidate(
                    set.set(), set.origin(), set.takenAt(), set.zone(), set.lacks(), set.verifiedOk(), false, set.usedBy())).toList();
            assertThat(kept(sets, policy)).containsAll(kept(unknown, policy));
        });
    }

    @Test
    void damaged_sets_push_nothing_out() {
        each((random, sets, policy) -> assertThat(kept(sets, policy))
                .containsAll(kept(sets.stream().filter(set -> !set.damaged()).toList(), policy)));
    }

    @Test
    void no_set_pushes_out_one_that_has_what_it_lacks() {
        each((random, sets, policy) -> {
            for (Set<String> lacks : Stream.concat(Stream.of(Set.<String>of()), LACKS.stream()).toList()) {
                assertThat(kept(sets, policy)).containsAll(
                        kept(sets.stream().filter(set -> lacks.containsAll(set.lacks())).toList(), policy));
            }
        });
    }

    @Test
    void sets_made_of_sets_push_nothing_out_and_stay_or_go_with_their_originals() {
        each((random, sets, policy) -> {
            Set<String> kept = kept(sets, policy);
            List<RetentionCandidate> both = new ArrayList<>(sets);
            sets.stream().filter(set -> random.nextBoolean()).forEach(set -> both.add(new RetentionCandidate(
                    set.set() + "-encrypted", set.set(), set.takenAt(), set.zone(), set.lacks(), false, set.damaged(),
                    Optional.empty())));
            assertThat(kept(both, policy)).isEqualTo(both.stream()
                    .filter(set -> kept.contains(set.origin()))
                    .map(RetentionCandidate::set)
                    .collect(Collectors.toSet()));
        });
    }

    private interface Property {
        void check(Random random, List<RetentionCandidate> sets, RetentionPolicy policy);
    }

    private static void each(Property property) {
        for (int seed = 0; seed < 500; seed++) {
            Random random = new Random(seed);
            List<RetentionCandidate> sets = sets(random);
            RetentionPolicy policy = policy(random);
            try {
                property.check(random, sets, policy);
            } catch (AssertionError e) {
                throw new AssertionError("seed " + seed + ", " + policy + ": " + e.getMessage(), e);
            }
        }
    }

    private static Set<String> kept(List<RetentionCandidate> sets, RetentionPolicy policy) {
        return RetentionPlanner.plan(sets, policy, NOW).stream()
                .filter(RetentionDecision::keep)
                .map(RetentionDecision::set)
                .collect(Collectors.toSet());
    }

    private static List<RetentionCandidate> sets(Random random) {
        List<RetentionCandidate> sets = new ArrayList<>();
        int count = random.nextInt(60);
        long span = Duration.ofDays(1 + random.nextInt(1500)).toSeconds();
        for (int i = 0; i < count; i++) {
            boolean verifiedOk = random.nextInt(5) == 0;
            sets.add(new RetentionCandidate(
                    "set-" + i,
                    "set-" + i,
                    NOW.minusSeconds((long) (random.nextDouble() * span)),
                    ZONES.get(random.nextInt(ZONES.size())),
                    random.nextInt(4) > 0 ? Set.of() : LACKS.get(random.nextInt(LACKS.size())),
                    verifiedOk,
                    !verifiedOk && random.nextInt(3) == 0,
                    random.nextInt(15) == 0 ? Optional.of("verify run x") : Optional.empty()));
        }
        return sets;
    }

    private static RetentionPolicy policy(Random random) {
        return new RetentionPolicy(
                some(random),
                some(random),
                some(random),
                some(random),
                some(random),
                1 + random.nextInt(3),
                random.nextBoolean() ? Optional.of(Duration.ofDays(1 + random.nextInt(60))) : Optional.empty());
    }

    private static RetentionPolicy widened(Random random, RetentionPolicy p) {
        return new RetentionPolicy(
                p.last() + some(random),
                p.daily() + some(random),
                p.weekly() + some(random),
                p.monthly() + some(random),
                p.yearly() + some(random),
                p.minCount() + random.nextInt(2),
                p.maxAge().map(age -> age.plusDays(random.nextInt(9))).or(() -> Optional.of(Duration.ofDays(5))));
    }

    private static int some(Random random) {
        return random.nextBoolean() ? 0 : random.nextInt(6);
    }
}
