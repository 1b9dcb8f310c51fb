/**
 * MySQL and MariaDB, one family: sessions by Connector/J, quoting, rows as TSV, and what the manifest says about a database.
 * {@link io.dbbackup.engine.mysql.Vendor} is the one place where the vendors differ.
 */
package io.dbbackup.engine.mysql;
