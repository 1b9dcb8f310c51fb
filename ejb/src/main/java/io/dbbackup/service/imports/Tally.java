package io.dbbackup.service.imports;

import io.dbbackup.model.Problem;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.service.set.ManifestFile;
import java.util.ArrayList;
import java.util.List;

/** Counts what an import finds; its lists do not grow with the store. Not thread-safe. */
final class Tally {
    private final List<ImportReport.Imported> sets = new ArrayList<>();
    private final List<ImportReport.Refused> problems = new ArrayList<>();
    private long imported;
    private long known;
    private long skipped;
    private long refused;
    private long omitted;

    void imported(ManifestFile file) {
        imported++;
        SetHeader header = file.header();
        keep(sets, new ImportReport.Imported(
                header.set(), header.source(), header.startedAt(), header.complete(), file.encrypted(),
                header.storedBytes()));
    }

    void known() {
        known++;
    }

    void skipped() {
        skipped++;
    }

    void refused(String prefix, Problem problem) {
        refused++;
        keep(problems, new ImportReport.Refused(prefix, problem));
    }

    ImportReport report(String store, boolean registered, boolean dryRun) {
        return new ImportReport(
                store, registered, dryRun, imported + known + skipped + refused, imported, known, skipped, refused, sets,
                problems, omitted);
    }

    private <T> void keep(List<T> list, T entry) {
        if (list.size() < ImportReport.MOST) {
            list.add(entry);
        } else {
            omitted++;
        }
    }
}
