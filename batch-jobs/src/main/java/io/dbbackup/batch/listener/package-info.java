/** The artifacts that surround a job. */
package io.dbbackup.batch.listener;
