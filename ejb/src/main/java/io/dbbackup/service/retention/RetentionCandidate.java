package io.dbbackup.service.retention;

import java.time.Instant;
import java.time.ZoneId;
import java.util.Optional;
import java.util.Set;

/**
 * What the planner needs to know about a backup set.
 *
 * @param set its id
 * @param origin the same for all forms of one backup (the backup's own set and what was made of it by encrypting and
 *     decrypting), another for every other one; an opaque key
 * @param takenAt when its backup began
 * @param zone time zone of the source when the set was made: its days, weeks, months and years are those of this zone
 * @param lacks what it lacks of a whole one, in words for people that are the same for what is the same; a complete set lacks nothing
 * @param verifiedOk true when its latest verification, of whatever level, passed
 * @param damaged true when its latest verification failed; false also when nobody has looked
 * @param usedBy who uses it now, for people; empty when nobody does
 */
public record RetentionCandidate(
        String set,
        String origin,
        Instant takenAt,
        ZoneId zone,
        Set<String> lacks,
        boolean verifiedOk,
        boolean damaged,
        Optional<String> usedBy) {
    public RetentionCandidate {
        lacks = Set.copyOf(lacks);
    }

    public boolean complete() {
        return lacks.isEmpty();
    }
}
