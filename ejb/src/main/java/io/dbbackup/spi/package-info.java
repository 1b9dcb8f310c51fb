/**
 * What a plug-in implements: {@link io.dbbackup.spi.DatabaseEngine}, {@link io.dbbackup.spi.BlobStore},
 * {@link io.dbbackup.spi.Notifier}. A plug-in is one folder with one CDI bean that is found by its type.
 */
package io.dbbackup.spi;
