/**
 * How a blob becomes an object of a cloud: buffers that are sent in the background while the next is filled. What the
 * requests are says each store's {@link io.dbbackup.store.upload.PartUpload}.
 */
package io.dbbackup.store.upload;
