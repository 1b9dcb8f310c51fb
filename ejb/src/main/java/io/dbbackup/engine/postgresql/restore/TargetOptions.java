package io.dbbackup.engine.postgresql.restore;

/** Options of a target endpoint that only the product itself sets, for its sandboxes. */
public final class TargetOptions {
    /** A database whose locale the target lacks is created with locale C and a warning, instead of being refused. */
    public static final String LOCALE_FALLBACK = "localeFallback";

    private TargetOptions() {}
}
