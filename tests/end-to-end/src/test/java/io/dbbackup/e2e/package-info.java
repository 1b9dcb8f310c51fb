/**
 * End-to-end tests: a real server process, started as an operator starts it, between real database servers.
 *
 * <p>{@link io.dbbackup.e2e.RunningServer} is the server, {@link io.dbbackup.e2e.RestClient} talks to it,
 * {@link io.dbbackup.e2e.KillPlan} says when it is killed. The databases come from {@code io.dbbackup.throwaway}.
 */
package io.dbbackup.e2e;
