package io.dbbackup.service.retention;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.model.Omission;
import io.dbbackup.model.Operation;
import io.dbbackup.model.manifest.BackupManifest.MissingDatabase;
import io.dbbackup.service.backup.BackupSummary;
import io.dbbackup.service.run.Parameters;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * What a set lacks of a whole one, in words for people that are the same for what is the same: a set stands for another one only
 * where it lacks nothing that the other has. Which databases failed or were chosen only the run of its backup tells; as far as
 * the catalog has that.
 */
final class Lacks {
    /** Sets of sets of sets: more than anybody makes, so that a catalog that contradicts itself does not keep us for ever. */
    private static final int MOST_FORMS = 100;

    private final Runs runs;
    private final BackupSetView set;
    private final Optional<RunView> backup;

    private Lacks(Runs runs, BackupSetView set, List<BackupSetView> forms) {
        this.runs = runs;
        this.set = set;
        this.backup = Stream.concat(Stream.of(set), forms.stream())
                .flatMap(form -> backup(form).stream())
                .findFirst();
    }

    /** @param forms all forms of the same backup, which lack the same: any of them may lead to its run */
    static Set<String> of(Runs runs, BackupSetView set, List<BackupSetView> forms) {
        return set.complete() ? noDatabase(set).collect(Collectors.toSet()) : new Lacks(runs, set, forms).all();
    }

    private Set<String> all() {
        Set<String> all = Stream.of(
                        noDatabase(set), failedDatabases(), globals(), set.omissions().stream().flatMap(this::lack))
                .flatMap(each -> each)
                .collect(Collectors.toSet());
        return all.isEmpty() ? Set.of("what failed") : all;
    }

    /** All that its server had, which may be another one than before. */
    private static Stream<String> noDatabase(BackupSetView set) {
        return Stream.of("all databases").filter(any -> set.databases() == 0);
    }

    /** Each by itself, too: of two sets that lack one each, each may have the only backup of what the other lacks. */
    private Stream<String> failedDatabases() {
        List<String> names = backup.flatMap(BackupSummary::told).stream()
                .flatMap(summary -> summary.missing().stream())
                .map(MissingDatabase::name)
                .toList();
        Optional<Integer> count = set.missingDatabases();
        if (count.map(number -> number == names.size()).orElse(!names.isEmpty())) {
            return names.stream().map(name -> "database " + name);
        }
        // of sets that leave something out by intention older versions did not tell whether anything has failed as well
        return count.map(number -> IntStream.rangeClosed(1, number).mapToObj(nth -> nth + " of the databases"))
                .orElseGet(() -> Stream.of("what failed").filter(any -> set.omissions().isEmpty()));
    }

    /** Failed or not taken by intention. Where the set does not say whether it has them, what its backup was to take does. */
    private Stream<String> globals() {
        boolean taken = !set.omissions().contains(Omission.DEFINITIONS)
                && backup.map(run -> new Parameters(run.parameters()).list("databases").isEmpty()).orElse(true);
        return Stream.of("roles or accounts").filter(any -> !set.globals().orElse(taken));
    }

    private Stream<String> lack(Omission omission) {
        return switch (omission) {
            case ALL_ROWS -> Stream.of("all rows");
            case DEFINITIONS -> Stream.of("definitions");
            case SOME_TABLES -> Stream.of("some tables");
            case ROWS_OF_TABLES -> Stream.of("rows of some tables");
            case SAMPLED -> Stream.of("rows outside a sample");
            case SOME_DATABASES -> Stream.of("some databases" + chosen());
            case UNFINISHED_RESTORE -> besideRestore();
        };
    }

    /**
     * Each database by itself, so that a set stands for another one only where it is no worse anywhere. When all of them were taken beside
     * a restore, that may be one into a database that was just not there.
     */
    private Stream<String> besideRestore() {
        Stream<String> databases = set.besideRestore().stream().map(name -> "what an unfinished restore had not brought yet of " + name);
        Stream<String> others = Stream.of("databases that a restore was just replacing")
                .filter(any -> set.besideRestore().size() >= set.databases());
        return Stream.concat(databases, others);
    }

    /** Which ones were chosen: sets of different ones do not stand for each other. */
    private String chosen() {
        return Stream.of("databases", "exclude")
                .flatMap(name -> backup.map(run -> new TreeSet<>(new Parameters(run.parameters()).list(name))).stream()
                        .filter(names -> !names.isEmpty())
                        .map(names -> " (" + name + " " + String.join(" ", names) + ")"))
                .collect(Collectors.joining());
    }

    /** The run that read the databases. A set that was made of another one names the run that did that, and that run its original. */
    private Optional<RunView> backup(BackupSetView form) {
        Optional<RunView> run = runs.find(form.run()).or(() -> form.derivedFrom().flatMap(runs::backupOf));
        for (int i = 0; i < MOST_FORMS && run.filter(found -> found.operation() != Operation.BACKUP).isPresent(); i++) {
            run = run.flatMap(RunView::set).flatMap(runs::backupOf);
        }
        return run.filter(found -> found.operation() == Operation.BACKUP);
    }
}
