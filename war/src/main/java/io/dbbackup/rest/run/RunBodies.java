package io.dbbackup.rest.run;

import io.dbbackup.batch.launch.JobRepositoryView;
import io.dbbackup.batch.launch.JobRepositoryView.StepView;
import io.dbbackup.catalog.RunProgress;
import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.rest.RestApplication;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.Executions;
import io.dbbackup.service.run.NextStep;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;

/** Gathers from catalog and job repository what is said about runs. Thread-safe. */
@ApplicationScoped
public class RunBodies {
    private Runs runs;
    private WorkQueue queue;
    private JobRepositoryView repository;
    private RateMeter rates;
    private Executions executions;

    protected RunBodies() {}

    @Inject
    public RunBodies(
            Runs runs, WorkQueue queue, JobRepositoryView repository, RateMeter rates, Executions executions) {
        this.runs = runs;
        this.queue = queue;
        this.repository = repository;
        this.rates = rates;
        this.executions = executions;
    }

    /** Everything about one run. */
    public RunBody full(RunView run) {
        List<StepView> steps = run.jobExecution().map(repository::steps).orElse(List.of());
        RunBody.Progress progress = progress(run);
        return body(
                run,
                NextStep.of(run, progress.items().total() > 0),
                Optional.of(progress),
                Optional.of(runs.warnings(run.id())),
                Optional.of(steps),
                run.summary().orElse(null));
    }

    /** What a list says about a run. */
    public RunBody brief(RunView run) {
        return body(run, Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), null);
    }

    public static String path(UUID run) {
        return RestApplication.PATH + "/runs/" + run;
    }

    private RunBody.Progress progress(RunView run) {
        RunProgress progress = queue.progress(run.id());
        Optional<Long> rate = run.state().ended() ? Optional.empty() : rates.rate(run.id(), run.executions(), progress.bytesDone());
        long left = Math.max(0, progress.bytesTotal() - progress.bytesDone());
        return new RunBody.Progress(
                RunBody.Items.of(progress),
                progress.bytesDone(),
                progress.bytesTotal(),
                progress.storedBytes(),
                progress.rows(),
                rate,
                rate.filter(r -> r > 0).map(r -> left / r),
                executions.find(run.id()).map(Execution::limits).orElse(List.of()));
    }

    private static RunBody body(
            RunView run,
            Optional<String> hint,
            Optional<RunBody.Progress> progress,
            Optional<List<String>> warnings,
            Optional<List<StepView>> steps,
            String summary) {
        return new RunBody(
                run.id(), run.operation().jobName(), run.state(), ExitCode.of(run), run.exitStatus(), run.label(),
                run.source(), run.store(), run.policy(), run.set(), new TreeMap<>(run.parameters()), run.startedBy(),
                run.startedVia(), run.createdAt(), run.startedAt(), run.executionStartedAt(), run.endedAt(), run.discardedAt(), run.executions(), run.jobExecution(),
                run.stopRequested(), run.restartable(), run.problem(), hint, progress, warnings, steps, summary,
                links(run));
    }

    private static Map<String, String> links(RunView run) {
        String self = path(run.id());
        Map<String, String> links = new TreeMap<>();
        links.put("self", self);
        links.put("items", self + "/items");
        if (!run.state().ended()) {
            links.put("stop", self + "/stop");
        }
        if (run.restartable()) {
            links.put("restart", self + "/restart");
        }
        if (run.discardable() && run.discardedAt().isEmpty()) {
            links.put("discard", self + "/discard");
        }
        run.set().ifPresent(set -> links.put("set", RestApplication.PATH + "/sets/" + set));
        return links;
    }
}
