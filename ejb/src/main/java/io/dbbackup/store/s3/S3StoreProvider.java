package io.dbbackup.store.s3;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.SecretRef;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.StoreProvider;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Stores of type {@code s3}; the settings are in {@code docs/configuration.md}. */
@ApplicationScoped
public class S3StoreProvider implements StoreProvider {
    @Override
    public String type() {
        return "s3";
    }

    @Override
    public void validate(Map<String, String> settings) {
        S3Settings.of(settings);
    }

    @Override
    public BlobStore open(Map<String, String> settings, Function<SecretRef, Optional<String>> secrets) {
        S3Settings read = S3Settings.of(settings);
        Function<SecretRef, String> secret = reference -> secrets.apply(reference)
                .orElseThrow(() -> new BackupException(
                        ErrorCode.SECRET_UNAVAILABLE,
                        "the secret " + reference + " of the store " + read.location() + " is not there",
                        "Provide it to the user that runs the server."));
        return new S3Store(read, S3Clients.open(read, secret), Clock.systemUTC());
    }
}
