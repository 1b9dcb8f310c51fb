package io.dbbackup.service.verify;

import io.dbbackup.service.run.RunFixture;

/** Verification of {@link io.dbbackup.service.set.SampleSet}s for tests of other operations. */
public final class LinesVerification {
    private LinesVerification() {}

    public static RunFixture fixture() {
        return new RunFixture(new LinesEngine());
    }

    public static VerifyHandler handler(RunFixture fixture) {
        return new VerifyHandler(
                fixture.access,
                fixture.queue,
                fixture.sets,
                fixture.verifications,
                new VerifyReporter(
                        fixture.queue,
                        fixture.runs,
                        fixture.verifications,
                        fixture.catalog.bean(Verdict.class, fixture.verifications, fixture.sets),
                        fixture.clock));
    }
}
