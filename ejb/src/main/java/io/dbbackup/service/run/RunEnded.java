package io.dbbackup.service.run;

import io.dbbackup.catalog.RunView;

/** Event: an execution of a run has ended, its final state is in the catalog. */
public record RunEnded(RunView run) {}
