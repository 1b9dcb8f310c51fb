package io.dbbackup.service.verify;

import io.dbbackup.catalog.Finding;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.Problem;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import io.dbbackup.service.run.NextStep;
import io.dbbackup.service.verify.Looked.Deviation;
import io.dbbackup.spi.TableComparison;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Rows and fingerprint of each table, expected and found; sums them up over all tables that it has seen. */
final class TableFindings {
    private final FindingSink sink;
    private long tables;
    private long rowsExpected;
    private long rowsFound;

    TableFindings(FindingSink sink) {
        this.sink = sink;
    }

    /** Tables by what was found in their parts. */
    void ofContent(String database, DatabaseManifest manifest, List<Looked> looked) {
        Set<String> unreadable = new HashSet<>();
        Map<Integer, Map<Integer, Fingerprint>> deviations = new HashMap<>();
        for (Looked at : looked) {
            unreadable.addAll(at.unreadable());
            for (Deviation deviation : at.deviations()) {
                deviations.computeIfAbsent(deviation.table(), t -> new HashMap<>())
                        .put(deviation.part(), deviation.found());
            }
        }
        for (int t = 0; t < manifest.tables().size(); t++) {
            TableManifest table = manifest.tables().get(t);
            Map<Integer, Fingerprint> deviating = deviations.getOrDefault(t, Map.of());
            Fingerprint found = Fingerprint.EMPTY;
            Optional<String> damaged = Optional.empty();
            for (int p = 0; p < table.parts().size(); p++) {
                PartManifest part = table.parts().get(p);
                if (unreadable.contains(part.blob())) {
                    damaged = damaged.or(() -> Optional.of(part.blob()));
                } else {
                    found = found.plus(deviating.getOrDefault(p, part.content()));
                }
            }
            String name = table.schema() + "." + table.name();
            if (damaged.isPresent()) {
                unreadable(database, name, table.content(), damaged.get());
            } else {
                compare(database, name, table.content(), found, "in the set");
            }
        }
    }

    void ofComparison(TableComparison table) {
        compare(
                table.database(), table.schema() + "." + table.table(), table.expected(), table.found(),
                "in the restored database");
    }

    private void unreadable(String database, String table, Fingerprint expected, String blob) {
        tables++;
        rowsExpected += expected.rows();
        sink.add(Finding.failed(
                database,
                "table " + table,
                text(expected),
                "unknown",
                new Problem(
                        ErrorCode.VERIFICATION_FAILED,
                        "the rows of table " + table + " of database \"" + database + "\" cannot all be read, because blob "
                                + blob + " is damaged",
                        "See the finding of that blob.")));
    }

    private void compare(String database, String table, Fingerprint expected, Fingerprint found, String where) {
        tables++;
        rowsExpected += expected.rows();
        rowsFound += found.rows();
        String subject = "table " + table;
        if (expected.equals(found)) {
            sink.add(Finding.passed(database, subject, text(expected), text(found)));
            return;
        }
        boolean count = expected.rows() != found.rows();
        sink.add(Finding.failed(
                database,
                subject,
                text(expected),
                text(found),
                new Problem(
                        count ? ErrorCode.ROW_COUNT_MISMATCH : ErrorCode.FINGERPRINT_MISMATCH,
                        "table " + table + " of database \"" + database + "\" has " + found.rows() + " rows " + where
                                + (count
                                        ? ", the manifest says " + expected.rows()
                                        : " as it should, but other ones: their fingerprint is " + found
                                                + ", the manifest says " + expected),
                        NextStep.NO_OTHER_COPY)));
    }

    private static String text(Fingerprint content) {
        return content.rows() + " rows, " + content;
    }

    long tables() {
        return tables;
    }

    long rowsExpected() {
        return rowsExpected;
    }

    long rowsFound() {
        return rowsFound;
    }
}
