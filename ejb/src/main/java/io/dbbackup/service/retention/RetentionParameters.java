package io.dbbackup.service.retention;

import io.dbbackup.catalog.Configuration;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.RetentionPolicy;
import io.dbbackup.service.config.ConfiguredNames;
import io.dbbackup.service.run.Parameters;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;

/**
 * The resolved parameters of a retention run.
 *
 * @param policy only sets that this policy made; empty: every set of the source in the store
 * @param dryRun decide and report, delete nothing
 * @param leftoverAge how long what an unfinished backup has stored is kept for its restart
 */
record RetentionParameters(
        Optional<String> policy,
        String source,
        String store,
        RetentionPolicy rules,
        boolean dryRun,
        Duration leftoverAge) {
    private static final String LEFTOVER_AGE = "7d";
    /** Younger leftovers may belong to a run that is about to be restarted; no parameter goes below. */
    static final Duration MIN_LEFTOVER_AGE = Duration.ofHours(24);

    private static final List<String> COUNTS = List.of("last", "daily", "weekly", "monthly", "yearly");
    private static final Set<String> KNOWN = Set.of(
            "policy", "source", "store", "last", "daily", "weekly", "monthly", "yearly", "minCount", "maxAge", "dryRun",
            "leftoverAge", "workers");

    static RetentionParameters of(Parameters given) {
        Duration leftoverAge = Ages.parse("leftoverAge", given.text("leftoverAge").orElse(LEFTOVER_AGE));
        if (leftoverAge.compareTo(MIN_LEFTOVER_AGE) < 0) {
            throw Parameters.invalid(
                    "leftoverAge is " + Ages.text(leftoverAge), "Give at least " + Ages.text(MIN_LEFTOVER_AGE) + ".");
        }
        return new RetentionParameters(
                given.text("policy"),
                given.required("source"),
                given.required("store"),
                rules(given),
                given.flag("dryRun", false),
                leftoverAge);
    }

    private static RetentionPolicy rules(Parameters given) {
        return new RetentionPolicy(
                count(given, "last"),
                count(given, "daily"),
                count(given, "weekly"),
                count(given, "monthly"),
                count(given, "yearly"),
                (int) given.number("minCount", 1, 1, 100_000),
                given.text("maxAge").map(age -> {
                    Duration parsed = Ages.parse("maxAge", age);
                    if (parsed.isZero() || parsed.isNegative()) {
                        throw Parameters.invalid("maxAge is " + age, "Give an age of more than nothing, such as 30d.");
                    }
                    return parsed;
                }));
    }

    private static int count(Parameters given, String name) {
        return (int) given.number(name, 0, 0, 100_000);
    }

    /** Fills in what the policy says (a rule that is given replaces the policy's) and checks everything. */
    static Map<String, String> resolve(Parameters asked, Configuration configuration) {
        Parameters given = ConfiguredNames.in(asked.onlyKnown(KNOWN), configuration);
        Map<String, String> resolved = new TreeMap<>();
        given.text("policy")
                .map(configuration::policy)
                .ifPresent(policy -> resolved.putAll(ofPolicy(policy, given.text("store").filter(policy.stores()::contains))));
        for (String name : List.of("source", "store")) {
            Optional<String> other = given.text(name).filter(value -> resolved.containsKey(name)
                    && !value.equals(resolved.get(name)));
            if (other.isPresent()) {
                throw Parameters.invalid(
                        name + " is " + other.get() + ", but the policy's is " + resolved.get(name),
                        "Give either a policy, or source, store and rules.");
            }
        }
        resolved.putAll(given.asMap());
        if (!resolved.containsKey("source") || !resolved.containsKey("store")) {
            throw Parameters.invalid(
                    "neither a policy nor source and store are given",
                    "Give policy=NAME, or source=NAME, store=NAME and at least one rule.");
        }
        RetentionParameters checked = of(new Parameters(resolved));
        if (COUNTS.stream().allMatch(name -> resolved.getOrDefault(name, "0").equals("0"))
                && !resolved.containsKey("maxAge")
                && !resolved.containsKey("minCount")) {
            throw Parameters.invalid(
                    "no retention rule is given" + checked.policy().map(p -> ", and policy " + p + " has none").orElse(""),
                    "Give at least one of " + String.join(", ", COUNTS) + ", maxAge or minCount, or add rules to the policy.");
        }
        new Parameters(resolved).number("workers", 0, 0, 64);
        return resolved;
    }

    /** @param copies one of the policy's stores; empty for the first */
    private static Map<String, String> ofPolicy(PolicyConfig policy, Optional<String> copies) {
        Map<String, String> values = new TreeMap<>();
        values.put("source", policy.source());
        String store = copies.orElse(policy.store());
        values.put("store", store);
        policy.retentionIn(store).ifPresent(rules -> {
            values.put("last", String.valueOf(rules.last()));
            values.put("daily", String.valueOf(rules.daily()));
            values.put("weekly", String.valueOf(rules.weekly()));
            values.put("monthly", String.valueOf(rules.monthly()));
            values.put("yearly", String.valueOf(rules.yearly()));
            values.put("minCount", String.valueOf(rules.minCount()));
            rules.maxAge().ifPresent(age -> values.put("maxAge", age.toString()));
        });
        return values;
    }
}
