package io.dbbackup.service.run;

import io.dbbackup.spi.Cancellation;
import io.dbbackup.spi.WorkContext;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** Base of the contexts that add what one operation needs to an execution. */
public abstract class ForwardingContext implements WorkContext {
    private final Execution execution;

    protected ForwardingContext(Execution execution) {
        this.execution = execution;
    }

    @Override
    public UUID run() {
        return execution.run();
    }

    @Override
    public Cancellation cancellation() {
        return execution.cancellation();
    }

    @Override
    public int workers() {
        return execution.workers();
    }

    @Override
    public void warn(String warning) {
        execution.warn(warning);
    }

    @Override
    public void warn(String matter, String warning) {
        execution.warn(matter, warning);
    }

    @Override
    public void settled(String matter) {
        execution.settled(matter);
    }

    @Override
    public <T extends AutoCloseable> T hold(String key, Class<T> type, Supplier<T> maker) {
        return execution.hold(key, type, maker);
    }

    @Override
    public void release(String key) {
        execution.release(key);
    }

    @Override
    public void results(String database, String kind, Consumer<DoneItem> each) {
        execution.results(database, kind, each);
    }
}
