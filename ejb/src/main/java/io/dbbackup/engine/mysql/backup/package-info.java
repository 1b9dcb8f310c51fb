/** Logical backup of MySQL and MariaDB: one snapshot per database, definitions by SHOW CREATE, rows as TSV. */
package io.dbbackup.engine.mysql.backup;
