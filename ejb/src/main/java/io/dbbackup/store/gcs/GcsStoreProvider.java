package io.dbbackup.store.gcs;

import io.dbbackup.model.SecretRef;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.StoreProvider;
import io.dbbackup.store.StoreSecrets;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Stores of type {@code gcs}; the settings are in {@code docs/configuration.md}. */
@ApplicationScoped
public class GcsStoreProvider implements StoreProvider {
    @Override
    public String type() {
        return "gcs";
    }

    @Override
    public void validate(Map<String, String> settings) {
        GcsSettings.of(settings);
    }

    @Override
    public BlobStore open(Map<String, String> settings, Function<SecretRef, Optional<String>> secrets) {
        GcsSettings read = GcsSettings.of(settings);
        String key = StoreSecrets.required(read.location(), secrets).apply(read.serviceAccountKey());
        return new GcsStore(read, ServiceAccount.parse(key, read.location()), Clock.systemUTC());
    }
}
