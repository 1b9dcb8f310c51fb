package io.dbbackup.service.report;

import java.util.List;
import java.util.Optional;

/** The job repository as the report needs it. Thread-safe, read-only. */
public interface JobRecords {
    /** Batch status of an execution; empty when the repository has forgotten it. */
    Optional<String> batchStatus(long jobExecution);

    /** Steps of an execution in the order in which they ran. */
    List<ReportLine.Step> steps(long jobExecution);
}
