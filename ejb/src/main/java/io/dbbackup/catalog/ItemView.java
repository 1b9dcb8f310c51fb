package io.dbbackup.catalog;

import io.dbbackup.model.ItemState;
import io.dbbackup.model.Problem;
import java.time.Instant;
import java.util.Optional;

/** A work item as lists and reports show it; bytes are plain bytes unless named otherwise. */
public record ItemView(
        long id,
        String key,
        String kind,
        String label,
        String database,
        ItemState state,
        int attempts,
        long expectedBytes,
        long plainBytes,
        long storedBytes,
        long rows,
        Optional<Instant> startedAt,
        Optional<Instant> endedAt,
        Optional<Problem> problem) {}
