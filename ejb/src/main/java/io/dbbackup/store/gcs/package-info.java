/**
 * Blobs as objects of a Google Cloud Storage bucket, by the JSON API and the JDK's HTTP client. Start with
 * {@link io.dbbackup.store.gcs.GcsStore}; the requests of an upload are in {@link io.dbbackup.store.gcs.SessionUpload}.
 */
package io.dbbackup.store.gcs;
