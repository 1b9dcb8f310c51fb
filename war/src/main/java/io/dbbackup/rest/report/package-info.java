/** The auditor's report over HTTP. */
package io.dbbackup.rest.report;
