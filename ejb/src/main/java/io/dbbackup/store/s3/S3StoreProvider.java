package io.dbbackup.store.s3;

import io.dbbackup.model.SecretRef;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.StoreProvider;
import io.dbbackup.store.StoreSecrets;
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
        return new S3Store(
                read, S3Clients.open(read, StoreSecrets.required(read.location(), secrets)), Clock.systemUTC());
    }
}
