package io.dbbackup.engine.mysql.restore;

import io.dbbackup.spi.RestoreContext;

/**
 * Remembers, as long as this execution of the run lasts, that it has itself dropped a temporary database at the end of its use.
 * Otherwise one that is gone may have been dropped by an execution that was killed right then, or by anybody.
 */
final class Ended implements AutoCloseable {
    private static final String KEY = "mysql.restore.ended.";

    private boolean ended;

    private Ended() {}

    static void here(RestoreContext context, RestoreTarget target) {
        of(context, target).set();
    }

    static void warnUnless(RestoreContext context, RestoreTarget target, String consequence) {
        if (!of(context, target).get()) {
            context.warn(target.temporaryName() + " is not on " + context.target()
                    + " any more: an earlier execution was killed when it had done everything, or somebody has dropped it; "
                    + consequence);
        }
    }

    private static Ended of(RestoreContext context, RestoreTarget target) {
        return context.hold(KEY + target.number(), Ended.class, Ended::new);
    }

    private synchronized void set() {
        ended = true;
    }

    private synchronized boolean get() {
        return ended;
    }

    @Override
    public void close() {
        // a value; nothing to close
    }
}
