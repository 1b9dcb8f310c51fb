package io.dbbackup.engine.postgresql;

import io.dbbackup.engine.PrivateFiles;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A password file for one program, readable by its owner only and deleted when closed. Without a password it is empty,
 * so that the operating-system user's own ~/.pgpass is never consulted.
 */
record PasswordFile(Path path) implements AutoCloseable {
    static PasswordFile create(Endpoint endpoint) {
        Optional<String> password = endpoint.password().get();
        if (password.filter(p -> p.indexOf('\n') >= 0 || p.indexOf('\r') >= 0).isPresent()) {
            throw new BackupException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "the password of " + endpoint + " holds a line break, which PostgreSQL's programs cannot take",
                    "Change the password, or remove the line break at the end of the secret.");
        }
        try {
            Path path = PrivateFiles.ofThisServer().create("password-", ".pgpass");
            if (password.isPresent()) {
                Files.writeString(path, "*:*:*:*:" + password.get().replace("\\", "\\\\").replace(":", "\\:") + "\n");
            }
            return new PasswordFile(path);
        } catch (IOException e) {
            throw new BackupException(
                    ErrorCode.INTERNAL,
                    "the password file for a program of PostgreSQL could not be written: " + e,
                    "Check the server's directory for temporary files, then restart the run.",
                    e);
        }
    }

    @Override
    public void close() {
        try {
            Files.deleteIfExists(path);
        } catch (IOException e) {
            path.toFile().deleteOnExit();
        }
    }
}
