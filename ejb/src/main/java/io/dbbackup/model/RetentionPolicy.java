package io.dbbackup.model;

import java.time.Duration;
import java.util.Optional;

/**
 * Which backup sets to keep: the union of the rules. Days, ISO weeks, months and years are those of the source's time
 * zone; of a period its newest set is kept.
 *
 * @param last the newest so many sets
 * @param daily the newest set of each of the newest so many days that have one; likewise weekly, monthly, yearly
 * @param minCount never fewer than this many sets remain, whatever the rules say; at least 1
 * @param maxAge sets younger than this are kept; empty: no such rule
 */
public record RetentionPolicy(
        int last, int daily, int weekly, int monthly, int yearly, int minCount, Optional<Duration> maxAge) {
    public RetentionPolicy {
        if (last < 0 || daily < 0 || weekly < 0 || monthly < 0 || yearly < 0 || minCount < 1
                || maxAge.filter(age -> age.isNegative() || age.isZero()).isPresent()) {
            throw new BackupException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "a retention policy has a negative count, a minimum below 1 or an age that is not positive",
                    "Give counts of 0 or more, minCount of 1 or more and a positive maxAge.");
        }
    }
}
