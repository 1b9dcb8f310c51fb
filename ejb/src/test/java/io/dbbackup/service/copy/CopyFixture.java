package io.dbbackup.service.copy;

import io.dbbackup.service.backup.BackupCopies;
import io.dbbackup.service.run.RunFixture;

/** What copies sets, for tests of it and of other operations. */
public final class CopyFixture {
    private CopyFixture() {}

    public static CopyHandler handler(RunFixture fixture) {
        return new CopyHandler(fixture.configuration, fixture.sets, fixture.queue, fixture.runs, copier(fixture));
    }

    public static BackupCopies ofBackups(RunFixture fixture) {
        return new BackupCopies(fixture.sets, fixture.queue, fixture.runs, copier(fixture));
    }

    private static SetCopier copier(RunFixture fixture) {
        return new SetCopier(fixture.configuration, fixture.access, fixture.sets, fixture.queue);
    }
}
