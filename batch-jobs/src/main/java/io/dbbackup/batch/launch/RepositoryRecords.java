package io.dbbackup.batch.launch;

import io.dbbackup.service.report.JobRecords;
import io.dbbackup.service.report.ReportLine;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Optional;

/** Gives the report what the job repository knows. Thread-safe. */
@ApplicationScoped
public class RepositoryRecords implements JobRecords {
    private JobRepositoryView repository;

    protected RepositoryRecords() {}

    @Inject
    public RepositoryRecords(JobRepositoryView repository) {
        this.repository = repository;
    }

    @Override
    public Optional<String> batchStatus(long jobExecution) {
        return repository.execution(jobExecution).map(JobRepositoryView.ExecutionView::batchStatus);
    }

    @Override
    public List<ReportLine.Step> steps(long jobExecution) {
        return repository.steps(jobExecution).stream()
                .map(step -> new ReportLine.Step(
                        step.name(), step.batchStatus(), step.exitStatus(), step.startedAt(), step.endedAt(), step.metrics()))
                .toList();
    }
}
