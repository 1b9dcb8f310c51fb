/** Backup sets and their verifications over HTTP. */
package io.dbbackup.rest.set;
