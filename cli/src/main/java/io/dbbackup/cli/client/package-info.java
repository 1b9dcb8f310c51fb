/** Talks to the server: JSON over HTTP with Basic authentication; problems become {@link io.dbbackup.cli.client.ApiException}. */
package io.dbbackup.cli.client;
