package io.dbbackup.service.verify;

import io.dbbackup.catalog.Finding;
import io.dbbackup.catalog.ItemView;
import io.dbbackup.catalog.RunProgress;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.Verifications;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ItemState;
import io.dbbackup.model.Problem;
import io.dbbackup.model.VerifyLevel;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.service.restore.RestoreSealer;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.Failures;
import io.dbbackup.service.run.NextStep;
import io.dbbackup.service.run.SealOutcome;
import io.dbbackup.service.verify.VerifyReport.ToolExit;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.TableComparison;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Gathers what the items of a verification found, writes the report and gives the verdict. */
@ApplicationScoped
public class VerifyReporter {
    private static final Pattern EXIT = Pattern.compile("ended with exit status (\\d+)|was ended by signal (\\d+)");
    private static final int MOST_TOOLS = 50;

    private WorkQueue queue;
    private Runs runs;
    private Verifications verifications;
    private Verdict verdict;
    private Clock clock;

    protected VerifyReporter() {}

    @Inject
    public VerifyReporter(WorkQueue queue, Runs runs, Verifications verifications, Verdict verdict, Clock clock) {
        this.queue = queue;
        this.runs = runs;
        this.verifications = verifications;
        this.verdict = verdict;
        this.clock = clock;
    }

    SealOutcome seal(Execution execution, VerifyParameters parameters, OpenSet set, DatabaseEngine engine) {
        UUID run = execution.run();
        Optional<Problem> couldNotRun = couldNotRun(run);
        if (couldNotRun.isPresent()) {
            return SealOutcome.failed(couldNotRun.get(), Map.of());
        }
        Instant startedAt = execution.view().startedAt().orElseThrow();
        UUID id = verifications.begin(set.view().id(), run, parameters.level(), startedAt);
        FindingSink sink = new FindingSink(verifications, id, execution::warn);
        TableFindings tables = new TableFindings(sink);
        List<ToolExit> tools = failed(run, engine, sink);
        ofSet(run, sink);
        for (DatabaseEntry entry : databases(run, set, parameters, sink)) {
            execution.cancellation().check();
            ofDatabase(run, parameters, set, engine, entry, sink, tables);
        }
        leftOut(run, sink);
        sink.flush();
        if (parameters.level() == VerifyLevel.RESTORE && tools.isEmpty()) {
            tools.add(new ToolExit("every program of the restore", 0));
        }
        Instant endedAt = clock.instant();
        VerifyReport report = new VerifyReport(
                set.view().id(), set.view().source(), set.view().store(), parameters.level(), sink.failures() == 0, sink.firstFailure(),
                sink.failures(), parameters.databases(), counted(parameters.level(), tables.tables()),
                counted(parameters.level(), tables.rowsExpected()), counted(parameters.level(), tables.rowsFound()),
                set.view().storedBytes(), set.view().plainBytes(), startedAt, endedAt,
                Duration.between(execution.view().executionStartedAt().orElse(startedAt), endedAt), verifications.stages(run), tools);
        verdict.give(id, report);
        return outcome(run, report);
    }

    /** Zero tables would look like a set without any. */
    private static OptionalLong counted(VerifyLevel level, long number) {
        return switch (level) {
            case STORED -> OptionalLong.empty();
            case CONTENT, RESTORE -> OptionalLong.of(number);
        };
    }

    private SealOutcome outcome(UUID run, VerifyReport report) {
        if (report.passed()) {
            return SealOutcome.completed(!runs.warnings(run).isEmpty(), report);
        }
        Problem first = report.firstFailure().orElseThrow();
        return SealOutcome.failed(
                new Problem(
                        ErrorCode.VERIFICATION_FAILED,
                        "backup set " + report.set() + " failed its verification (level "
                                + report.level().name().toLowerCase(Locale.ROOT) + ") with " + report.failures()
                                + (report.failures() == 1 ? " finding: " : " findings, first: ") + first.cause(),
                        first.remedy()),
                report);
    }

    /** A failure that is no damage, or work that is left: then there is no verdict. */
    private Optional<Problem> couldNotRun(UUID run) {
        List<Problem> found = new ArrayList<>();
        each(run, ItemState.FAILED, item -> item.problem()
                .filter(problem -> !Damage.is(item.kind(), problem))
                .ifPresent(problem -> {
                    if (found.isEmpty()) {
                        found.add(new Problem(
                                problem.code(),
                                "the verification could not run: " + item.label() + ": " + problem.cause(),
                                problem.remedy()));
                    }
                }));
        RunProgress progress = queue.progress(run);
        boolean left = progress.items() > progress.itemsDone() + progress.itemsFailed() + progress.itemsSkipped();
        return found.stream().findFirst().or(() -> left ? Failures.of(queue, run) : Optional.empty());
    }

    private void ofSet(UUID run, FindingSink sink) {
        for (String kind : List.of(VerifyKind.MANIFEST, VerifyKind.GLOBALS, VerifyKind.EXTRAS)) {
            looked(run, "", kind, sink);
        }
    }

    private List<DatabaseEntry> databases(UUID run, OpenSet set, VerifyParameters parameters, FindingSink sink) {
        List<DatabaseEntry> databases;
        boolean globals;
        try {
            databases = set.databases();
            globals = set.globals().isPresent();
        } catch (BackupException e) {
            Finding unreadable = Damage.finding("", BackupManifest.BLOB_NAME, "readable", e);
            // as a rule its own item has found that
            if (sink.failures() == 0) {
                sink.add(unreadable);
            }
            return List.of();
        }
        Coverage.ofSet(queue, run, globals).ifPresent(sink::add);
        return databases.stream().filter(entry -> parameters.includes(entry.name())).toList();
    }

    private void ofDatabase(
            UUID run,
            VerifyParameters parameters,
            OpenSet set,
            DatabaseEngine engine,
            DatabaseEntry entry,
            FindingSink sink,
            TableFindings tables) {
        long before = sink.failures();
        looked(run, entry.name(), VerifyKind.DATABASE, sink);
        Optional<DatabaseManifest> manifest = manifest(set, entry, sink, before);
        looked(run, entry.name(), VerifyKind.STORED, sink);
        List<Looked> content = looked(run, entry.name(), VerifyKind.CONTENT, sink);
        if (manifest.isEmpty()) {
            return;
        }
        Optional<Finding> gap = Coverage.ofDatabase(
                queue, run, parameters.level(), entry.name(), manifest.get().blobs().size());
        if (gap.isPresent()) {
            // and nothing is known about its tables
            sink.add(gap.get());
        } else if (parameters.level() == VerifyLevel.CONTENT) {
            tables.ofContent(entry.name(), manifest.get(), content);
        }
        if (sink.failures() == before) {
            int blobs = manifest.get().blobs().size() + 1;
            sink.add(Finding.passed(
                    entry.name(), "blobs", blobs + " blobs, " + entry.storedBytes() + " bytes",
                    blobs + " blobs, " + entry.storedBytes() + " bytes"));
            if (parameters.level() == VerifyLevel.RESTORE) {
                compared(run, engine, entry, sink, tables);
            }
        }
    }

    /** @param before failures of other databases */
    private static Optional<DatabaseManifest> manifest(
            OpenSet set, DatabaseEntry entry, FindingSink sink, long before) {
        try {
            return Optional.of(set.database(entry.name()).manifest());
        } catch (BackupException e) {
            Finding unreadable = Damage.finding(entry.name(), entry.manifest().name(), "readable", e);
            if (sink.failures() == before) {
                sink.add(unreadable);
            }
            return Optional.empty();
        }
    }

    /** Every table must have been compared: one that was not is a failure, whatever kept it from being compared. */
    private void compared(
            UUID run, DatabaseEngine engine, DatabaseEntry entry, FindingSink sink, TableFindings tables) {
        long before = tables.tables();
        queue.results(run, entry.name(), engine.logicalRestore().comparisonKind(),
                item -> tables.ofComparison(item.result(TableComparison.class)));
        long compared = tables.tables() - before;
        if (compared != entry.tables()) {
            sink.add(Finding.failed(
                    entry.name(), "tables compared", entry.tables() + " tables", compared + " tables",
                    new Problem(
                            ErrorCode.VERIFICATION_FAILED,
                            "only " + compared + " of the " + entry.tables() + " tables of database \"" + entry.name()
                                    + "\" were restored and compared",
                            "See the other findings of this verification.")));
        }
    }

    private List<Looked> looked(UUID run, String database, String kind, FindingSink sink) {
        List<Looked> deviating = new ArrayList<>();
        queue.results(run, database, kind, item -> {
            Looked looked = item.result(Looked.class);
            looked.findings().forEach(sink::add);
            if (!looked.unreadable().isEmpty() || !looked.deviations().isEmpty()) {
                deviating.add(new Looked(List.of(), looked.unreadable(), looked.deviations()));
            }
        });
        return deviating;
    }

    /** What the restore could not do. */
    private List<ToolExit> failed(UUID run, DatabaseEngine engine, FindingSink sink) {
        List<ToolExit> tools = new ArrayList<>();
        each(run, ItemState.FAILED, item -> {
            if (RestoreSealer.awaitsEqualRows(engine.logicalRestore(), item.kind(), item.problem().orElseThrow())) {
                // the database that differs is the finding
                return;
            }
            Problem problem = item.problem().orElseThrow();
            sink.add(Finding.failed(item.database(), item.label(), "done", "failed", ofSet(problem)));
            Matcher exit = EXIT.matcher(problem.cause());
            if (exit.find() && tools.size() < MOST_TOOLS) {
                tools.add(new ToolExit(
                        item.label(),
                        exit.group(1) != null ? Integer.parseInt(exit.group(1)) : 128 + Integer.parseInt(exit.group(2))));
            }
        });
        return tools;
    }

    /** A restore's own remedy for lost rows is about its target; this one is ours and gone. */
    private static Problem ofSet(Problem problem) {
        return problem.code() == ErrorCode.ROW_COUNT_MISMATCH || problem.code() == ErrorCode.FINGERPRINT_MISMATCH
                ? new Problem(problem.code(), problem.cause(), NextStep.NO_OTHER_COPY)
                : problem;
    }

    /** What was not even tried because of that, or because of damage. */
    private void leftOut(UUID run, FindingSink sink) {
        looked(run, "", VerifyKind.SANDBOX, sink);
        each(run, ItemState.SKIPPED, item -> sink.add(
                Finding.failed(item.database(), item.label(), "done", "not done", item.problem().orElseThrow())));
    }

    private void each(UUID run, ItemState state, Consumer<ItemView> consumer) {
        long after = 0;
        List<ItemView> page = queue.list(run, Optional.of(state), after, 1000);
        while (!page.isEmpty()) {
            page.forEach(consumer);
            page = queue.list(run, Optional.of(state), page.get(page.size() - 1).id(), 1000);
        }
    }
}
