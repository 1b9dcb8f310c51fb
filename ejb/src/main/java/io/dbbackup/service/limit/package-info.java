/** What runs share and must not use up: bandwidth of stores and sources, workers, connections to sources. */
package io.dbbackup.service.limit;
