package io.dbbackup.batch.launch;

import jakarta.batch.operations.JobOperator;
import jakarta.batch.runtime.BatchRuntime;
import jakarta.enterprise.context.ApplicationScoped;
import java.util.function.Function;

/**
 * The job operator of this module. WildFly resolves it at every call by the caller's context class loader, and a request
 * of the war has the war's, which has no batch environment: so every call is made under this module's class loader.
 * Thread-safe.
 */
@ApplicationScoped
public class BatchOperator {
    public <T> T call(Function<JobOperator, T> use) {
        Thread thread = Thread.currentThread();
        ClassLoader callers = thread.getContextClassLoader();
        thread.setContextClassLoader(BatchOperator.class.getClassLoader());
        try {
            return use.apply(BatchRuntime.getJobOperator());
        } finally {
            thread.setContextClassLoader(callers);
        }
    }
}
