/** Starts, stops and restarts jobs; the only code that touches the job operator. Start with {@link io.dbbackup.batch.launch.JobLauncher}. */
package io.dbbackup.batch.launch;
