package io.dbbackup.service.backup;

import io.dbbackup.catalog.Configuration;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Json;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.Selection;
import io.dbbackup.pipeline.Codecs;
import io.dbbackup.service.config.ConfiguredNames;
import io.dbbackup.service.hook.HookParameters;
import io.dbbackup.service.retention.Ages;
import io.dbbackup.service.run.Parameters;
import io.dbbackup.spi.BackupSpec;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;

/**
 * The resolved parameters of a backup run.
 *
 * @param level compression level; empty for the codec's default
 * @param copies further stores, which get a copy of the set
 * @param encrypt names of the keys to encrypt for; empty: not encrypted
 * @param reuseWithin greatest age of a set that stores parts for this one, if parts are reused
 * @param someDatabases whether fewer databases are taken than the policy said when the run was started, or than the source
 *     has when there is no policy
 */
record BackupParameters(
        Optional<String> policy,
        String source,
        String store,
        String codec,
        OptionalInt level,
        List<String> encrypt,
        List<String> copies,
        Duration reuseWithin,
        boolean someDatabases,
        BackupSpec spec) {
    /** Only {@link #resolve} says so: what a set may stand for is not for the caller to choose. */
    private static final String SOME_DATABASES = "someDatabases";

    private static final long SMALLEST_PART = 1L << 20;
    private static final Set<String> KNOWN = Set.of(
            "policy", "source", "store", "databases", "exclude", "codec", "level", "partBytes", "workers",
            "rolePasswords", "onError", "encrypt", "copies", "reuseParts", "reuseWithin");

    /** What to do when a database fails. */
    enum OnError {
        STOP,
        CONTINUE
    }

    static BackupParameters of(Parameters given) {
        Selection selection = SelectionParameters.of(given);
        return new BackupParameters(
                given.text("policy"),
                given.required("source"),
                given.required("store"),
                given.required("codec"),
                given.text("level").isPresent()
                        ? OptionalInt.of((int) given.number("level", 0, -100, 22))
                        : OptionalInt.empty(),
                given.list("encrypt"),
                given.list("copies"),
                reuseWithin(given),
                given.flag(SOME_DATABASES, false),
                new BackupSpec(
                        given.list("databases"),
                        given.list("exclude"),
                        given.bytes("partBytes", PolicyConfig.DEFAULT_PART_BYTES, SMALLEST_PART),
                        given.flag("rolePasswords", true),
                        given.choice("onError", OnError.class, OnError.STOP) == OnError.CONTINUE,
                        selection,
                        // a partial set neither refers to a whole one nor helps the next
                        given.flag("reuseParts", false) && selection.whole()));
    }

    private static Duration reuseWithin(Parameters given) {
        Duration age = given.text("reuseWithin")
                .map(text -> Ages.parse("reuseWithin", text))
                .orElse(PolicyConfig.DEFAULT_REUSE_WITHIN);
        if (age.isNegative() || age.isZero()) {
            throw Parameters.invalid("reuseWithin is " + age, "Give an age of more than nothing, such as 7d.");
        }
        return age;
    }

    /** Fills in what the policy says, checks everything, and yields parameters that need no policy any more. */
    static Map<String, String> resolve(Parameters asked, Configuration configuration) {
        Set<String> known = new TreeSet<>(KNOWN);
        known.addAll(SelectionParameters.KNOWN);
        known.addAll(HookParameters.KNOWN);
        Parameters given = ConfiguredNames.in(asked.onlyKnown(known), configuration);
        Map<String, String> resolved = new TreeMap<>();
        given.text("policy").map(configuration::policy).ifPresent(policy -> resolved.putAll(ofPolicy(policy)));
        Parameters configured = new Parameters(Map.copyOf(resolved));
        if (given.text("codec").isPresent()) {
            // levels mean something else in every codec
            resolved.remove("level");
        }
        resolved.putAll(given.asMap());
        if (given.text("copies").isEmpty()) {
            // a store that is chosen for this run may be one of the policy's others
            List<String> copies = new ArrayList<>(new Parameters(resolved).list("copies"));
            copies.remove(resolved.get("store"));
            resolved.remove("copies");
            putList(resolved, "copies", copies);
        }
        resolved.putIfAbsent("codec", PolicyConfig.DEFAULT_CODEC);
        if (!resolved.containsKey("source") || !resolved.containsKey("store")) {
            throw Parameters.invalid(
                    "neither a policy nor source and store are given",
                    "Give policy=NAME, or source=NAME and store=NAME.");
        }
        BackupParameters checked = of(new Parameters(resolved));
        checkCompression(checked, given);
        new Parameters(resolved).number("workers", 0, 0, 64);
        HookParameters.checked(new Parameters(resolved));
        if (!checked.spec().wholeCluster() && !checked.spec().excludedDatabases().isEmpty()) {
            throw Parameters.invalid(
                    "both databases and exclude are given", "Give the databases to take, or those to leave out.");
        }
        // what a policy says of its source says nothing of another one that is given instead
        Parameters said = configured.text("source").filter(checked.source()::equals).isPresent() ? configured : new Parameters(Map.of());
        if (takesLess(checked.spec(), said.list("databases"), said.list("exclude"))) {
            resolved.put(SOME_DATABASES, "true");
        }
        return resolved;
    }

    /**
     * Whether a backup takes fewer databases than are configured. What its policy says by itself is all, also when it says
     * something else later; without a policy all of the source is.
     */
    private static boolean takesLess(BackupSpec spec, List<String> databases, List<String> excluded) {
        if (databases.isEmpty()) {
            return !spec.wholeCluster() || !excluded.containsAll(spec.excludedDatabases());
        }
        return spec.wholeCluster()
                ? databases.stream().anyMatch(spec.excludedDatabases()::contains)
                : !spec.databases().containsAll(databases);
    }

    /** A policy's mistake is one of the configuration, a parameter's one of the caller. */
    private static void checkCompression(BackupParameters checked, Parameters given) {
        try {
            Codecs.byName(checked.codec()).transforms(checked.level());
        } catch (BackupException e) {
            if (given.text("codec").isPresent() || given.text("level").isPresent()) {
                throw Parameters.invalid(e.problem().cause(), e.problem().remedy());
            }
            throw e;
        }
    }

    private static Map<String, String> ofPolicy(PolicyConfig policy) {
        Map<String, String> values = new TreeMap<>();
        values.put("policy", policy.name());
        values.put("source", policy.source());
        values.put("store", policy.store());
        putList(values, "databases", policy.databases());
        putList(values, "exclude", policy.excludedDatabases());
        putList(values, "encrypt", policy.encrypt());
        putList(values, "copies", policy.copies());
        SelectionParameters.put(values, policy.selection());
        HookParameters.put(values, policy.hooks());
        values.put("codec", policy.codec());
        if (!policy.codec().equals("none")) {
            values.put("level", Integer.toString(policy.level()));
        }
        values.put("partBytes", Long.toString(policy.partBytes()));
        values.put("workers", Integer.toString(policy.workers()));
        values.put("rolePasswords", Boolean.toString(policy.rolePasswords()));
        values.put("onError", policy.continueOnError() ? "continue" : "stop");
        policy.reuseWithin().ifPresent(age -> {
            values.put("reuseParts", "true");
            values.put("reuseWithin", Ages.text(age));
        });
        return values;
    }

    private static void putList(Map<String, String> values, String name, List<String> list) {
        if (!list.isEmpty()) {
            values.put(name, Json.write(list));
        }
    }
}
