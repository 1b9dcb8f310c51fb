package io.dbbackup.catalog;

import java.time.Instant;
import java.util.Optional;

/**
 * Items of one kind of a run, summed up; sizes in bytes.
 *
 * @param startedAt when the first of them was begun
 * @param endedAt when the last of them ended
 */
public record StageView(
        String kind,
        long items,
        long done,
        long failed,
        long skipped,
        Optional<Instant> startedAt,
        Optional<Instant> endedAt,
        long plainBytes,
        long storedBytes,
        long rows) {}
