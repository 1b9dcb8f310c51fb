package io.dbbackup.spi;

import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** What every item of a run may use. One per execution and node; thread-safe, shared by all workers. */
public interface WorkContext {
    UUID run();

    Cancellation cancellation();

    /** Workers that drain this run on this node. */
    int workers();

    /** Adds a warning to the run's result; the exit status becomes COMPLETED_WITH_WARNINGS. Repeats are kept once. */
    void warn(String warning);

    /**
     * The same until {@link #settled} is called for that matter, by this or another execution of the run.
     *
     * @param matter at most 300 characters
     */
    void warn(String matter, String warning);

    /** Takes back what was warned of a matter: it is so no more, or is about to be found out anew. */
    void settled(String matter);

    /**
     * A thing that lives as long as this execution, such as a session that holds a snapshot: made at the first call,
     * the same at every later one, closed by {@link #release(String)} or at the end of the execution.
     */
    <T extends AutoCloseable> T hold(String key, Class<T> type, Supplier<T> maker);

    /** Closes a held thing; a missing one is ignored. */
    void release(String key);

    /** Calls {@code each} for every DONE item of this run with that database and kind, in the order of their ids. */
    void results(String database, String kind, Consumer<DoneItem> each);

    /** A finished item: its key and its result as JSON. */
    record DoneItem(String key, String resultJson) {
        public <T> T result(Class<T> type) {
            return io.dbbackup.model.Json.read(resultJson, type);
        }
    }
}
