package io.dbbackup.rest.status;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.rest.run.RunBody;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * What somebody wants to know first.
 *
 * @param now the server's clock
 * @param active runs that have not ended
 * @param failed the newest runs that wait for somebody: failed, interrupted or stopped, and not given up
 */
@JsonInclude(JsonInclude.Include.NON_ABSENT)
public record StatusBody(
        String product, String node, Instant now, List<RunBody> active, List<RunBody> failed, List<SourceStatus> sources) {
    /**
     * How well a source is protected.
     *
     * @param ageSeconds age of the latest set
     */
    @JsonInclude(JsonInclude.Include.NON_ABSENT)
    public record SourceStatus(String name, String engine, Optional<BackupSetView> latestSet, Optional<Long> ageSeconds) {}
}
