package io.dbbackup.store.sftp;

import java.io.IOException;
import java.util.Arrays;

/** Tries a store with a small file. */
final class Probe {
    private Probe() {}

    static void run(Connections connections, String path, byte[] expected) throws IOException {
        try {
            UploadWindow window = new UploadWindow(connections, path, 0, () -> false);
            window.begin(files -> {
                files.removeIfThere(path); // of an attempt whose answer was lost
                return files.create(path);
            });
            try {
                window.write(expected, 0, expected.length);
                window.flush();
                window.surviving((files, handle) -> files.sync(handle));
            } finally {
                window.end(() -> false);
            }
            byte[] found;
            try (SftpBlobStream in = new SftpBlobStream(connections, path, 0, expected.length)) {
                found = in.readAllBytes();
            }
            if (!Arrays.equals(found, expected)) {
                throw new IOException("the store gave back other bytes than were written");
            }
            connections.call(files -> files.removeIfThere(path));
        } catch (IOException | RuntimeException e) {
            removeQuietly(connections, path);
            throw e;
        }
    }

    private static void removeQuietly(Connections connections, String path) {
        try {
            connections.call(files -> files.removeIfThere(path));
        } catch (IOException | RuntimeException e) {
            // the sweep removes it
        }
    }
}
