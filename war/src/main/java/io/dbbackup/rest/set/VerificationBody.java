package io.dbbackup.rest.set;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonRawValue;
import io.dbbackup.catalog.Finding;
import io.dbbackup.catalog.VerificationView;
import io.dbbackup.model.VerifyLevel;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * A verification as JSON.
 *
 * @param findings one page of them, failures first; only when one verification is asked for
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record VerificationBody(
        UUID id,
        String set,
        UUID run,
        VerifyLevel level,
        boolean passed,
        Instant startedAt,
        Instant endedAt,
        @JsonRawValue String report,
        Optional<List<Finding>> findings,
        Optional<String> next) {
    static VerificationBody brief(VerificationView v) {
        return of(v, Optional.empty(), Optional.empty());
    }

    static VerificationBody of(VerificationView v, Optional<List<Finding>> findings, Optional<String> next) {
        return new VerificationBody(
                v.id(), v.set(), v.run(), v.level(), v.passed(), v.startedAt(), v.endedAt(), v.report(), findings, next);
    }
}
