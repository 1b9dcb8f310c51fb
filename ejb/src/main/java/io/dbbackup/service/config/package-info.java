/**
 * The one YAML file that configures everything: read with line numbers, refused with all its errors at once, applied in
 * one transaction. {@link io.dbbackup.service.config.ConfigService} is the way in.
 */
package io.dbbackup.service.config;
