/**
 * Blobs as block blobs of an Azure Storage container, by the REST API and the JDK's HTTP client. Start with
 * {@link io.dbbackup.store.azure.AzureStore}; the requests of an upload are in
 * {@link io.dbbackup.store.azure.BlockUpload}.
 */
package io.dbbackup.store.azure;
