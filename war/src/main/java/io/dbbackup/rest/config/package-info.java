/** The configuration over HTTP, and checks of what it names. */
package io.dbbackup.rest.config;
