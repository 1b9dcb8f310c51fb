/** Runs over HTTP: start, look, wait, stop, restart. */
package io.dbbackup.rest.run;
