/** Sockets for Connector/J that tell a MariaDB what its own protocol can do besides. */
package io.dbbackup.engine.mysql.sockets;
