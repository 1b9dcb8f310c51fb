/** Root of the work itself; start with {@code io.dbbackup.service}. */
package io.dbbackup;
