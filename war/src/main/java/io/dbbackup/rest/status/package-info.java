/** The state of everything at a glance. */
package io.dbbackup.rest.status;
