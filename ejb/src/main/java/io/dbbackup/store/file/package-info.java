/**
 * Blobs as files below a directory: a disk, an NFS or CIFS mount. A blob's name is its path. Start with
 * {@link io.dbbackup.store.file.FileStore}; how a file becomes visible is in {@link io.dbbackup.store.file.Publication}.
 */
package io.dbbackup.store.file;
