package io.dbbackup.service.verify;

import io.dbbackup.catalog.Finding;
import io.dbbackup.model.Fingerprint;
import java.util.List;

/**
 * Result of an item that looked at blobs or manifests. Only what deviates is listed, so that the healthy case stays small.
 *
 * @param findings what is wrong, or worth a warning
 * @param unreadable names of blobs whose content is not known
 * @param deviations parts whose content is not the manifest's
 */
record Looked(List<Finding> findings, List<String> unreadable, List<Deviation> deviations) {
    Looked {
        findings = List.copyOf(findings);
        unreadable = List.copyOf(unreadable);
        deviations = List.copyOf(deviations);
    }

    /** What was found in a part, by the positions of its table and its own in the database's manifest. */
    record Deviation(int table, int part, Fingerprint found) {}

    static Looked at(List<Finding> findings) {
        return new Looked(findings, List.of(), List.of());
    }

    boolean damaged() {
        return findings.stream().anyMatch(finding -> !finding.passed());
    }
}
