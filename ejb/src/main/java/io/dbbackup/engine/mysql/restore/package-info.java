/** Logical restore of MySQL and MariaDB by LOAD DATA LOCAL into a database under a temporary name. */
package io.dbbackup.engine.mysql.restore;
