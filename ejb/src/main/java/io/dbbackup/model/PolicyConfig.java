package io.dbbackup.model;

import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What to back up, where to, and how long to keep it.
 *
 * @param databases empty for the whole cluster
 * @param codec {@code zstd}, {@code gzip}, {@code lz4} or {@code none}
 * @param level compression level of the codec
 * @param partBytes largest part of a table in plain bytes: the distance between checkpoints
 * @param encrypt names of the keys that the sets are encrypted for; empty: not encrypted
 * @param copies further stores, which get a copy of each set
 * @param retentionByStore rules for some of the stores; {@code retention} is for the others
 * @param selection what of its databases the backups take
 * @param hooks scripts before and after the backups
 * @param reuseWithin parts are referred to that a set of at most this age stores; empty: every set stores all its parts
 * @param workers items done side by side; 0 for one per core
 */
public record PolicyConfig(
        String name,
        String source,
        String store,
        List<String> databases,
        List<String> excludedDatabases,
        String codec,
        int level,
        long partBytes,
        int workers,
        boolean rolePasswords,
        boolean continueOnError,
        Optional<RetentionPolicy> retention,
        List<String> encrypt,
        List<String> copies,
        Map<String, RetentionPolicy> retentionByStore,
        Selection selection,
        Hooks hooks,
        Optional<Duration> reuseWithin) {
    public static final String DEFAULT_CODEC = "zstd";
    public static final int DEFAULT_LEVEL = 1;
    public static final long DEFAULT_PART_BYTES = 2L << 30;
    public static final Duration DEFAULT_REUSE_WITHIN = Duration.ofDays(7);

    public PolicyConfig {
        databases = List.copyOf(databases);
        excludedDatabases = List.copyOf(excludedDatabases);
        // a policy that was configured before there was encryption has none
        encrypt = encrypt == null ? List.of() : List.copyOf(encrypt);
        // the same with further stores
        copies = copies == null ? List.of() : List.copyOf(copies);
        retentionByStore = retentionByStore == null ? Map.of() : Map.copyOf(retentionByStore);
        selection = selection == null ? Selection.WHOLE : selection;
        hooks = hooks == null ? Hooks.NONE : hooks;
        reuseWithin = reuseWithin == null ? Optional.empty() : reuseWithin;
    }

    /** A policy whose sets store all their parts. */
    public PolicyConfig(
            String name,
            String source,
            String store,
            List<String> databases,
            List<String> excludedDatabases,
            String codec,
            int level,
            long partBytes,
            int workers,
            boolean rolePasswords,
            boolean continueOnError,
            Optional<RetentionPolicy> retention,
            List<String> encrypt,
            List<String> copies,
            Map<String, RetentionPolicy> retentionByStore,
            Selection selection,
            Hooks hooks) {
        this(
                name, source, store, databases, excludedDatabases, codec, level, partBytes, workers, rolePasswords,
                continueOnError, retention, encrypt, copies, retentionByStore, selection, hooks, Optional.empty());
    }

    /** The store of the backup first, then those of its copies. */
    public List<String> stores() {
        return Stream.concat(Stream.of(store), copies.stream()).toList();
    }

    /** The rules for the copies in a store. */
    public Optional<RetentionPolicy> retentionIn(String name) {
        return Optional.ofNullable(retentionByStore.get(name)).or(() -> retention);
    }

    /** A policy that does not encrypt, takes everything and has no hooks. */
    public PolicyConfig(
            String name,
            String source,
            String store,
            List<String> databases,
            List<String> excludedDatabases,
            String codec,
            int level,
            long partBytes,
            int workers,
            boolean rolePasswords,
            boolean continueOnError,
            Optional<RetentionPolicy> retention) {
        this(
                name, source, store, databases, excludedDatabases, codec, level, partBytes, workers, rolePasswords,
                continueOnError, retention, List.of(), List.of(), Map.of(), Selection.WHOLE, Hooks.NONE);
    }
}
