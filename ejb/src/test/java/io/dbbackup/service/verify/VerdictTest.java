package io.dbbackup.service.verify;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.model.VerifyLevel;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.set.SampleSet;
import java.time.Instant;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VerdictTest {
    private final RunFixture fixture = new RunFixture();
    private final Instant now = fixture.clock.instant();
    private final String set = SampleSet.takenAt(fixture.store(), now).seal(fixture.sets).id();

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void a_weaker_look_does_not_take_back_what_a_stronger_one_found_wrong() {
        fixture.sets.verified(set, "store", VerifyLevel.RESTORE, false, now);

        fixture.sets.verified(set, "store", VerifyLevel.STORED, true, now.plusSeconds(60));

        BackupSetView view = fixture.sets.get(set);
        assertThat(view.verifiedOk()).contains(false);
        assertThat(view.verifiedLevel()).contains(VerifyLevel.RESTORE);
    }

    @Test
    void a_weaker_failure_does_not_make_way_for_a_weaker_proof() {
        fixture.sets.verified(set, "store", VerifyLevel.RESTORE, false, now);

        fixture.sets.verified(set, "store", VerifyLevel.STORED, false, now.plusSeconds(60));
        shown(VerifyLevel.RESTORE, false, now);
        fixture.sets.verified(set, "store", VerifyLevel.STORED, true, now.plusSeconds(120));

        shown(VerifyLevel.RESTORE, false, now);
    }

    @Test
    void an_equal_look_and_every_failure_count() {
        fixture.sets.verified(set, "store", VerifyLevel.CONTENT, false, now);
        fixture.sets.verified(set, "store", VerifyLevel.CONTENT, true, now.plusSeconds(60));
        assertThat(fixture.sets.get(set).verifiedOk()).contains(true);

        fixture.sets.verified(set, "store", VerifyLevel.STORED, false, now.plusSeconds(120));
        assertThat(fixture.sets.get(set).verifiedOk()).contains(false);
    }

    @Test
    void a_weaker_look_that_passes_does_not_hide_a_stronger_proof() {
        fixture.sets.verified(set, "store", VerifyLevel.CONTENT, true, now);
        fixture.sets.verified(set, "store", VerifyLevel.RESTORE, true, now.plusSeconds(60));

        fixture.sets.verified(set, "store", VerifyLevel.STORED, true, now.plusSeconds(120));

        shown(VerifyLevel.RESTORE, true, now.plusSeconds(60));
        fixture.sets.verified(set, "store", VerifyLevel.RESTORE, true, now.plusSeconds(180));
        shown(VerifyLevel.RESTORE, true, now.plusSeconds(180));
    }

    @Test
    void a_failure_of_any_level_hides_what_was_proven_before_it_for_good() {
        fixture.sets.verified(set, "store", VerifyLevel.RESTORE, true, now);

        fixture.sets.verified(set, "store", VerifyLevel.STORED, false, now.plusSeconds(60));

        shown(VerifyLevel.STORED, false, now.plusSeconds(60));
        fixture.sets.verified(set, "store", VerifyLevel.STORED, true, now.plusSeconds(120));
        shown(VerifyLevel.STORED, true, now.plusSeconds(120));
    }

    private void shown(VerifyLevel level, boolean passed, Instant at) {
        BackupSetView view = fixture.sets.get(set);
        assertThat(view.verifiedLevel()).contains(level);
        assertThat(view.verifiedOk()).contains(passed);
        assertThat(view.verifiedAt()).contains(at);
    }
}
