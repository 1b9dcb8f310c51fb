package io.dbbackup.service.restore;

import io.dbbackup.catalog.ItemView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ItemState;
import io.dbbackup.model.Plural;
import io.dbbackup.model.Problem;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.service.restore.RestoreSummary.FailedDatabase;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.Failures;
import io.dbbackup.service.run.SealOutcome;
import io.dbbackup.spi.LogicalRestore;
import io.dbbackup.spi.TableComparison;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/** Says what a restore did: which databases are restored, failed and skipped, and whether their content is the set's. */
@ApplicationScoped
public class RestoreSealer {
    private WorkQueue queue;
    private Runs runs;

    protected RestoreSealer() {}

    @Inject
    public RestoreSealer(WorkQueue queue, Runs runs) {
        this.queue = queue;
        this.runs = runs;
    }

    SealOutcome seal(Execution execution, RestoreRunContext context) {
        UUID run = execution.run();
        LogicalRestore restore = context.engine().logicalRestore();
        List<String> restored = queue.databases(run, restore.finishKind(), EnumSet.of(ItemState.DONE));
        Map<String, FailedDatabase> failed = failed(run, restore);
        List<String> skipped =
                queue.databases(run, restore.finishKind(), EnumSet.complementOf(EnumSet.of(ItemState.DONE))).stream()
                        .filter(name -> !failed.containsKey(name))
                        .toList();
        if (!restored.isEmpty()) {
            restore.warnOfLacks(context);
        }
        Comparisons comparisons = compare(run, restore, restored);
        List<DatabaseEntry> entries = context.set().manifest().databases().stream()
                .filter(entry -> restored.contains(entry.name()))
                .toList();
        RestoreSummary summary = new RestoreSummary(
                context.set().manifest().set(),
                context.target().name(),
                restored.stream()
                        .map(name -> context.spec().databases().getOrDefault(name, name))
                        .toList(),
                withoutEvents(queue, run, restore, restored).stream()
                        .map(name -> context.spec().databases().getOrDefault(name, name))
                        .toList(),
                List.copyOf(failed.values()),
                skipped,
                entries.stream().mapToLong(DatabaseEntry::rows).sum(),
                entries.stream().mapToLong(DatabaseEntry::plainBytes).sum(),
                comparisons.compared,
                comparisons.equal);
        if (comparisons.firstDifference.isPresent()) {
            return SealOutcome.failed(comparisons.firstDifference.get(), summary);
        }
        Optional<Problem> problem = Failures.of(queue, run);
        if (problem.isEmpty()) {
            return SealOutcome.completed(!runs.warnings(run).isEmpty(), summary);
        }
        boolean partial = context.spec().continueOnError() && !restored.isEmpty();
        return partial
                ? SealOutcome.partial(
                        new Problem(ErrorCode.PARTIAL_SUCCESS, problem.get().cause(), problem.get().remedy()), summary)
                : SealOutcome.failed(problem.get(), summary);
    }

    /** Whether an item failed for nothing but what the comparison of some database has found. */
    public static boolean awaitsEqualRows(LogicalRestore restore, String kind, Problem problem) {
        return problem.code() == ErrorCode.FINGERPRINT_MISMATCH && restore.eventsKind().filter(kind::equals).isPresent();
    }

    /** Of finished databases those whose events are still to be created: all of these wait for all databases of the run. */
    static List<String> withoutEvents(WorkQueue queue, UUID run, LogicalRestore restore, List<String> finished) {
        return restore.eventsKind()
                .map(kind -> queue.databases(run, kind, EnumSet.complementOf(EnumSet.of(ItemState.DONE))).stream()
                        .filter(finished::contains)
                        .toList())
                .orElse(List.of());
    }

    private Map<String, FailedDatabase> failed(UUID run, LogicalRestore restore) {
        Map<String, FailedDatabase> failed = new LinkedHashMap<>();
        for (ItemView item : queue.failures(run, 10_000)) {
            item.problem()
                    // what differs is told, and which databases lack their events for that
                    .filter(p -> !awaitsEqualRows(restore, item.kind(), p))
                    .ifPresent(p -> failed.putIfAbsent(
                            item.database(), new FailedDatabase(item.database(), p.cause(), p.remedy())));
        }
        return failed;
    }

    private Comparisons compare(UUID run, LogicalRestore restore, List<String> databases) {
        Comparisons comparisons = new Comparisons();
        List<String> differences = new ArrayList<>();
        for (String database : databases) {
            queue.results(run, database, restore.comparisonKind(), item -> {
                TableComparison table = item.result(TableComparison.class);
                comparisons.compared++;
                if (table.equal()) {
                    comparisons.equal++;
                } else if (differences.size() < 10) {
                    differences.add("table %s.%s of database %s: expected %s, found %s".formatted(
                            table.schema(), table.table(), table.database(), table.expected(), table.found()));
                }
            });
        }
        if (!differences.isEmpty()) {
            comparisons.firstDifference = Optional.of(new Problem(
                    ErrorCode.FINGERPRINT_MISMATCH,
                    Plural.of(comparisons.compared - comparisons.equal, "restored table differs", "restored tables differ") + " from the backup set: "
                            + String.join("; ", differences),
                    "Make sure that nobody writes to the restored databases before the comparison, then restore again."));
        }
        return comparisons;
    }

    private static final class Comparisons {
        private long compared;
        private long equal;
        private Optional<Problem> firstDifference = Optional.empty();
    }
}
