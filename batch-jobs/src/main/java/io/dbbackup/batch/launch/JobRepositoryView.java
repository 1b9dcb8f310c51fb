package io.dbbackup.batch.launch;

import jakarta.batch.operations.NoSuchJobExecutionException;
import jakarta.batch.runtime.JobExecution;
import jakarta.batch.runtime.Metric;
import jakarta.batch.runtime.StepExecution;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** What the job repository knows of an execution, for REST and reports. Thread-safe, read-only. */
@ApplicationScoped
public class JobRepositoryView {
    private BatchOperator operator;

    protected JobRepositoryView() {}

    @Inject
    public JobRepositoryView(BatchOperator operator) {
        this.operator = operator;
    }

    /** Steps in the order in which they ran; empty when the repository has forgotten the execution. */
    public List<StepView> steps(long jobExecution) {
        try {
            return operator.call(jobs -> jobs.getStepExecutions(jobExecution)).stream()
                    .map(JobRepositoryView::view)
                    .toList();
        } catch (NoSuchJobExecutionException e) {
            return List.of();
        }
    }

    /** The execution; empty when the repository has forgotten it. */
    public Optional<ExecutionView> execution(long jobExecution) {
        try {
            JobExecution execution = operator.call(jobs -> jobs.getJobExecution(jobExecution));
            return Optional.of(new ExecutionView(
                    execution.getExecutionId(),
                    execution.getJobName(),
                    execution.getBatchStatus().name(),
                    execution.getExitStatus(),
                    instant(execution.getStartTime()),
                    instant(execution.getEndTime())));
        } catch (NoSuchJobExecutionException e) {
            return Optional.empty();
        }
    }

    private static StepView view(StepExecution step) {
        Map<String, Long> metrics = new TreeMap<>();
        for (Metric metric : step.getMetrics()) {
            metrics.put(metric.getType().name(), metric.getValue());
        }
        return new StepView(
                step.getStepName(),
                step.getBatchStatus().name(),
                step.getExitStatus() == null ? "" : step.getExitStatus(),
                instant(step.getStartTime()),
                instant(step.getEndTime()),
                metrics);
    }

    private static Optional<Instant> instant(Date date) {
        return Optional.ofNullable(date).map(Date::toInstant);
    }

    /** One execution of a job. */
    public record ExecutionView(
            long id, String job, String batchStatus, String exitStatus, Optional<Instant> startedAt, Optional<Instant> endedAt) {}

    /** One step of an execution; metrics by the names of {@code Metric.MetricType}, summed over partitions. */
    public record StepView(
            String name,
            String batchStatus,
            String exitStatus,
            Optional<Instant> startedAt,
            Optional<Instant> endedAt,
            Map<String, Long> metrics) {}
}
