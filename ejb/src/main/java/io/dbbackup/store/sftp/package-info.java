/**
 * Blobs as files of an SFTP server. A blob's name is its path. Start with {@link io.dbbackup.store.sftp.SftpStore}; how a
 * file becomes visible is in {@link io.dbbackup.store.sftp.SftpBlobWriter}, what is said on the wire in
 * {@link io.dbbackup.store.sftp.Wire} and {@link io.dbbackup.store.sftp.RemoteFiles}: version 3 of the protocol
 * (draft-ietf-secsh-filexfer-02, which every server speaks) with OpenSSH's extensions where the server has them.
 */
package io.dbbackup.store.sftp;
