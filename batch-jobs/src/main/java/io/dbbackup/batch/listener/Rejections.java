package io.dbbackup.batch.listener;

import jakarta.enterprise.context.ApplicationScoped;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;

/** Job executions whose parameters were refused before they became a run. Thread-safe. */
@ApplicationScoped
public class Rejections {
    private final Set<Long> executions = ConcurrentHashMap.newKeySet();

    void add(long execution) {
        executions.add(execution);
    }

    /** True once for a refused execution. */
    public boolean take(long execution) {
        return executions.remove(execution);
    }
}
