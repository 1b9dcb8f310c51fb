package io.dbbackup.model.manifest;

import java.util.List;

/**
 * What surrounds the load statement of a part whose plain bytes are not rows of the table itself. All of it happens in one
 * transaction.
 *
 * @param before statements before the load statement
 * @param after statements after it; the last one inserts the part's rows into the table
 */
public record Assembly(List<String> before, List<String> after) {
    public Assembly {
        before = List.copyOf(before);
        after = List.copyOf(after);
    }
}
