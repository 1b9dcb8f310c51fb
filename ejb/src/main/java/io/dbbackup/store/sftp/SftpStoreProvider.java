package io.dbbackup.store.sftp;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.SecretRef;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.StoreProvider;
import io.dbbackup.store.StoreSecrets;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Files;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Stores of type {@code sftp}; the settings are in {@code docs/configuration.md}. */
@ApplicationScoped
public class SftpStoreProvider implements StoreProvider {
    static {
        OwnBouncyCastle.use();
    }

    @Override
    public String type() {
        return "sftp";
    }

    @Override
    public void validate(Map<String, String> settings) {
        SftpSettings.of(settings);
    }

    @Override
    public BlobStore open(Map<String, String> settings, Function<SecretRef, Optional<String>> secrets) {
        SftpSettings read = SftpSettings.of(settings);
        read.knownHosts().filter(file -> !Files.isReadable(file)).ifPresent(file -> {
            throw new BackupException(
                    ErrorCode.INVALID_CONFIGURATION,
                    "the known_hosts of the store " + read.location() + ", " + file + ", cannot be read",
                    "Make the file with ssh-keyscan, compare its keys with those of the server, and let the server's"
                            + " user read it.");
        });
        return new SftpStore(
                read, Identity.of(read, StoreSecrets.required(read.location(), secrets)), Clock.systemUTC());
    }
}
