package io.dbbackup.catalog;

import io.dbbackup.model.VerifyLevel;
import java.time.Instant;
import java.util.UUID;

/**
 * A verification that reached a verdict.
 *
 * @param passed true only when everything that the level asks for was checked and was as the set says
 * @param report JSON: first failure, counts, stages with their times, sizes
 */
public record VerificationView(
        UUID id, String set, UUID run, VerifyLevel level, boolean passed, Instant startedAt, Instant endedAt, String report) {}
