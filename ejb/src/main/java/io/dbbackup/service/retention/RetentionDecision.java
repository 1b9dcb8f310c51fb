package io.dbbackup.service.retention;

import java.util.List;

/**
 * What becomes of a backup set, and why.
 *
 * @param set its id
 * @param keep false: it expires
 * @param rules of a kept set the rules that keep it, for example {@code last 3} or {@code weekly 2026-W47}; of an
 *     expired one what each rule says about it, for example {@code daily 2026-11-19 keeps 20261119T…}; never empty
 */
public record RetentionDecision(String set, boolean keep, List<String> rules) {
    public RetentionDecision {
        rules = List.copyOf(rules);
    }
}
