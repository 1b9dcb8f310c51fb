package io.dbbackup.catalog;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Problem;
import io.dbbackup.model.VerifyLevel;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class VerificationsTest {
    private static final Instant START = Instant.parse("2026-11-20T23:32:00Z");

    private final CatalogFixture catalog = new CatalogFixture();
    private final Verifications verifications = catalog.bean(Verifications.class);
    private final UUID run = UUID.randomUUID();

    @AfterEach
    void close() {
        catalog.close();
    }

    @Test
    void a_verification_counts_from_the_moment_it_is_finished() {
        UUID id = verifications.begin("set", run, VerifyLevel.CONTENT, START);
        assertThat(verifications.find(id)).isEmpty();
        assertThat(verifications.ofSet("set", 10)).isEmpty();

        verifications.finish(id, true, START.plusSeconds(60), Map.of("tables", 3));

        assertThat(verifications.ofRun(run))
                .contains(new VerificationView(
                        id, "set", run, VerifyLevel.CONTENT, true, START, START.plusSeconds(60), "{\"tables\":3}"));
        assertThat(verifications.ofSet("set", 10)).hasSize(1);
    }

    @Test
    void what_a_crash_left_unfinished_is_removed_when_the_run_reports_again() {
        UUID unfinished = verifications.begin("set", run, VerifyLevel.STORED, START);
        verifications.add(unfinished, List.of(Finding.passed("shop", "table a", "1 row", "1 row")));

        UUID id = verifications.begin("set", run, VerifyLevel.STORED, START);

        assertThat(verifications.findings(unfinished, Optional.empty(), 0, 10)).isEmpty();
        assertThat(id).isNotEqualTo(unfinished);
    }

    @Test
    void failures_come_first() {
        Problem problem = new Problem(ErrorCode.BLOB_MISSING, "blob b is missing", "Use another copy.");
        Finding good = Finding.passed("shop", "table a", "1 row", "1 row");
        Finding bad = Finding.failed("shop", "b", "10 bytes", "nothing", problem);
        UUID id = verifications.begin("set", run, VerifyLevel.STORED, START);
        verifications.add(id, List.of(good, bad));

        assertThat(verifications.findings(id, Optional.empty(), 0, 10)).containsExactly(bad, good);
        assertThat(verifications.findings(id, Optional.of(true), 0, 10)).containsExactly(good);
        assertThat(verifications.findings(id, Optional.empty(), 1, 1)).containsExactly(good);
    }

    @Test
    void texts_longer_than_their_column_are_cut() {
        UUID id = verifications.begin("set", run, VerifyLevel.STORED, START);
        verifications.add(id, List.of(Finding.passed("shop", "x".repeat(2000), "1 row", "1 row")));

        assertThat(verifications.findings(id, Optional.empty(), 0, 1).get(0).subject()).hasSize(1000).endsWith("…");
    }
}
