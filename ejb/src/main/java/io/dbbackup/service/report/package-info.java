/** What the auditor gets: the runs of a period from job repository and catalog, one line each, streamed. */
package io.dbbackup.service.report;
