/** Waits for a run and shows how far it is. */
package io.dbbackup.cli.follow;
