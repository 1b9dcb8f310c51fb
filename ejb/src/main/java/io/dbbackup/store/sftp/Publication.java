package io.dbbackup.store.sftp;

import java.io.IOException;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import org.apache.sshd.sftp.common.SftpConstants;

/** How a finished temporary file gets its final name in the same directory, unless that name is taken. */
enum Publication {
    /** By a hard link: atomic, and unlike a rename it never replaces. The temporary name is removed afterwards. */
    LINK {
        @Override
        void publish(RemoteFiles files, String temporary, String target) throws IOException {
            files.link(temporary, target);
        }

        /** The two names are of one file when what happens to one is seen at the other. */
        @Override
        boolean happened(RemoteFiles files, String temporary, String target) throws IOException {
            if (files.look(target).filter(RemoteFile::isRegular).isEmpty()
                    || files.look(temporary).isEmpty()) {
                return false;
            }
            try {
                files.permit(temporary, 0400);
                return files.look(target).filter(file -> file.permissions() == 0400).isPresent();
            } finally {
                files.permit(temporary, 0600);
            }
        }
    },
    /**
     * By a rename after a look, for servers or file systems without hard links. The protocol wants a taken name refused,
     * but leaves the server no way to be sure; the look and a lock protect against writers of this JVM.
     */
    RENAME {
        @Override
        void publish(RemoteFiles files, String temporary, String target) throws IOException {
            if (!BUSY.add(target)) {
                throw new StatusException(SftpConstants.SSH_FX_FILE_ALREADY_EXISTS, "another upload is about to take the name");
            }
            try {
                if (files.look(target).isPresent()) {
                    throw new StatusException(SftpConstants.SSH_FX_FILE_ALREADY_EXISTS, "the name is taken");
                }
                files.rename(temporary, target);
            } finally {
                BUSY.remove(target);
            }
        }

        @Override
        boolean happened(RemoteFiles files, String temporary, String target) throws IOException {
            return files.look(temporary).isEmpty() && files.look(target).isPresent();
        }
    };

    private static final Set<String> BUSY = ConcurrentHashMap.newKeySet();

    /** @throws StatusException FILE_ALREADY_EXISTS, or another one while the name is there, when the name is taken */
    abstract void publish(RemoteFiles files, String temporary, String target) throws IOException;

    /** After an attempt that had no answer: has it succeeded? */
    abstract boolean happened(RemoteFiles files, String temporary, String target) throws IOException;

    /** Finds out by trying, in a directory that is writable, which way its file system supports. */
    static Publication supportedIn(RemoteFiles files, String directory) throws IOException {
        if (!files.canLink()) {
            return RENAME;
        }
        String one = directory + "/" + RemoteTree.temporary(UUID.randomUUID().toString());
        String two = directory + "/" + RemoteTree.temporary(UUID.randomUUID().toString());
        files.close(files.create(one));
        try {
            files.link(one, two);
            files.remove(two);
            return LINK;
        } catch (StatusException e) {
            return RENAME;
        } finally {
            files.removeIfThere(one);
        }
    }
}
