/**
 * What every operation shares: a run is a persisted list of work items, planned, drained and sealed. Start with
 * {@link io.dbbackup.service.run.RunEngine}; an operation implements {@link io.dbbackup.service.run.RunHandler}.
 */
package io.dbbackup.service.run;
