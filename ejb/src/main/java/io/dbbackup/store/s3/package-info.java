/**
 * Blobs as objects of a bucket: Amazon S3 and what speaks its protocol (MinIO, Ceph, R2, B2, Google's interoperability).
 * Start with {@link io.dbbackup.store.s3.S3Store}; how bytes get there is in {@link io.dbbackup.store.upload.PartsWriter}.
 * Nothing of the AWS SDK leaves this package.
 */
package io.dbbackup.store.s3;
