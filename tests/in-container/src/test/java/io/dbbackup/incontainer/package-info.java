/** The real EAR on the real server, driven from outside: management interface, HTTP and, with PostgreSQL, the catalog. */
package io.dbbackup.incontainer;
