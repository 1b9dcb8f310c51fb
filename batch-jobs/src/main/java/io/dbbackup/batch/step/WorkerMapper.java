package io.dbbackup.batch.step;

import io.dbbackup.service.run.Executions;
import jakarta.batch.api.partition.PartitionMapper;
import jakarta.batch.api.partition.PartitionPlan;
import jakarta.batch.api.partition.PartitionPlanImpl;
import jakarta.batch.runtime.context.JobContext;
import jakarta.enterprise.context.Dependent;
import jakarta.inject.Inject;
import jakarta.inject.Named;
import java.util.Arrays;
import java.util.Properties;

/** One partition per worker. Partitions own no data: all drain the same work items, so a restart may have others. */
@Named
@Dependent
public class WorkerMapper implements PartitionMapper {
    @Inject
    private JobContext job;

    @Inject
    private Executions executions;

    @Override
    public PartitionPlan mapPartitions() {
        int workers = executions.ofJob(job.getExecutionId()).workers();
        PartitionPlanImpl plan = new PartitionPlanImpl();
        plan.setPartitions(workers);
        plan.setThreads(workers);
        plan.setPartitionsOverride(true);
        // JBeret reads the array even when no partition has a property
        Properties[] none = new Properties[workers];
        Arrays.setAll(none, partition -> new Properties());
        plan.setPartitionProperties(none);
        return plan;
    }
}
