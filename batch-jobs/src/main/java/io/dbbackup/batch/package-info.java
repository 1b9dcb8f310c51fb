/** Job XML names the artifacts of the packages below; {@code launch} holds the one class that touches the job operator. */
package io.dbbackup.batch;
