/**
 * The HTTP API under {@code /api/v1}. Resources translate between HTTP and the services and decide nothing else; errors
 * leave as RFC 9457 problems ({@link io.dbbackup.rest.problem}).
 */
package io.dbbackup.rest;
