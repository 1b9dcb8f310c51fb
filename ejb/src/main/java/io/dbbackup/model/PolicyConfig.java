package io.dbbackup.model;

import java.util.List;
import java.util.Optional;

/**
 * What to back up, where to, and how long to keep it.
 *
 * @param databases empty for the whole cluster
 * @param codec {@code zstd}, {@code gzip}, {@code lz4} or {@code none}
 * @param level compression level of the codec
 * @param partBytes largest part of a table in plain bytes: the distance between checkpoints
 * @param encrypt names of the keys that the sets are encrypted for; empty: not encrypted
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
        List<String> encrypt) {
    public static final String DEFAULT_CODEC = "zstd";
    public static final int DEFAULT_LEVEL = 1;
    public static final long DEFAULT_PART_BYTES = 256L << 20;

    public PolicyConfig {
        databases = List.copyOf(databases);
        excludedDatabases = List.copyOf(excludedDatabases);
        // a policy that was configured before there was encryption has none
        encrypt = encrypt == null ? List.of() : List.copyOf(encrypt);
    }

    /** A policy that does not encrypt. */
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
                continueOnError, retention, List.of());
    }
}
