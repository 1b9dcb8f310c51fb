package io.dbbackup.service.verify;

import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.Verifications;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import jakarta.transaction.Transactional;
import java.util.UUID;

/** Finishes a verification and tells the set, in one transaction. */
@ApplicationScoped
public class Verdict {
    private Verifications verifications;
    private BackupSets sets;

    protected Verdict() {}

    @Inject
    public Verdict(Verifications verifications, BackupSets sets) {
        this.verifications = verifications;
        this.sets = sets;
    }

    /** A part of the set that passed says nothing about the rest; a part that failed does. */
    @Transactional
    public void give(UUID verification, VerifyReport report) {
        verifications.finish(verification, report.passed(), report.endedAt(), report);
        if (report.databases().isEmpty() || !report.passed()) {
            sets.verified(report.set(), report.store(), report.level(), report.passed(), report.endedAt());
        }
    }
}
