/**
 * The command line client: a thin user of the HTTP API. Data goes to standard output, talk to standard error. Start with
 * {@link io.dbbackup.cli.Main}.
 */
package io.dbbackup.cli;
