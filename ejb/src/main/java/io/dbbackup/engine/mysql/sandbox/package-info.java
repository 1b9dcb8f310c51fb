/** Throwaway MySQL and MariaDB servers for verifications. */
package io.dbbackup.engine.mysql.sandbox;
