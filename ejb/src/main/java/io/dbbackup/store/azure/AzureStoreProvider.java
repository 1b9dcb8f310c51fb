package io.dbbackup.store.azure;

import io.dbbackup.model.SecretRef;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.StoreProvider;
import io.dbbackup.store.StoreSecrets;
import jakarta.enterprise.context.ApplicationScoped;
import java.time.Clock;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** Stores of type {@code azure}; the settings are in {@code docs/configuration.md}. */
@ApplicationScoped
public class AzureStoreProvider implements StoreProvider {
    @Override
    public String type() {
        return "azure";
    }

    @Override
    public void validate(Map<String, String> settings) {
        AzureSettings.of(settings);
    }

    @Override
    public BlobStore open(Map<String, String> settings, Function<SecretRef, Optional<String>> secrets) {
        AzureSettings read = AzureSettings.of(settings);
        AzureSigner signer = AzureSigner.of(read, StoreSecrets.required(read.location(), secrets));
        return new AzureStore(read, signer, Clock.systemUTC());
    }
}
