/** Turns configuration into things to work with: endpoints with their passwords, open stores, engines. */
package io.dbbackup.service.access;
