package io.dbbackup.service.report;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.catalog.RunProgress;
import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.Verifications;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.Json;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.TreeMap;

/** Reports the runs of a period. Thread-safe; holds one page of runs in memory, however long the period is. */
@ApplicationScoped
public class ReportService {
    private static final int PAGE = 200;

    private Runs runs;
    private WorkQueue queue;
    private Verifications verifications;
    private JobRecords records;

    protected ReportService() {}

    @Inject
    public ReportService(Runs runs, WorkQueue queue, Verifications verifications, JobRecords records) {
        this.runs = runs;
        this.queue = queue;
        this.verifications = verifications;
        this.records = records;
    }

    /** Takes the lines of a report, one by one. */
    @FunctionalInterface
    public interface Sink<E extends Exception> {
        void accept(ReportLine line) throws E;
    }

    /** Gives every run that was created in {@code [from, to)} to the sink, oldest first. */
    public <E extends Exception> void each(Instant from, Instant to, Sink<E> sink) throws E {
        Optional<RunView> last = Optional.empty();
        while (true) {
            List<RunView> page = runs.page(from, to, last, PAGE);
            for (RunView run : page) {
                sink.accept(line(run));
            }
            if (page.size() < PAGE) {
                return;
            }
            last = Optional.of(page.get(PAGE - 1));
        }
    }

    private ReportLine line(RunView run) {
        RunProgress progress = queue.progress(run.id());
        return new ReportLine(
                run.id(), run.operation().jobName(), run.label(), new TreeMap<>(run.parameters()), run.startedBy(),
                run.startedVia(), run.createdAt(), run.startedAt(), run.executionStartedAt(), run.endedAt(), seconds(run), run.executions(),
                run.jobExecution(), run.jobExecution().flatMap(records::batchStatus), run.exitStatus(), run.state(),
                run.source(), run.store(), run.policy(), run.set(), progress.items(), progress.itemsDone(),
                progress.itemsFailed(), progress.bytesDone(), progress.storedBytes(), progress.rows(),
                number(run, "reusedBytes"), said(run, "logPosition").filter(JsonNode::isTextual).map(JsonNode::asText),
                number(run, "lockMillis"),
                verifications.ofRun(run.id()).map(v -> new ReportLine.Verdict(v.level(), v.passed(), v.endedAt())),
                run.problem(), runs.warnings(run.id()), run.jobExecution().map(records::steps).orElse(List.of()));
    }

    private static Optional<Long> number(RunView run, String field) {
        return said(run, field).filter(JsonNode::isNumber).map(JsonNode::asLong);
    }

    /** A field of the run's summary. */
    private static Optional<JsonNode> said(RunView run, String field) {
        return run.summary().map(json -> Json.read(json, JsonNode.class).path(field));
    }

    private static Optional<Long> seconds(RunView run) {
        return run.startedAt().flatMap(start -> run.endedAt().map(end -> Duration.between(start, end).toSeconds()));
    }
}
