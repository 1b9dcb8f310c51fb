package io.dbbackup.store;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.SecretRef;
import java.util.Optional;
import java.util.function.Function;

/** Secrets that a store cannot do without. */
public final class StoreSecrets {
    private StoreSecrets() {}

    /**
     * The same secrets, where a missing one is an error: {@code BackupException} SECRET_UNAVAILABLE.
     *
     * @param location of the store, for people
     */
    public static Function<SecretRef, String> required(
            String location, Function<SecretRef, Optional<String>> secrets) {
        return reference -> secrets.apply(reference)
                .orElseThrow(() -> new BackupException(
                        ErrorCode.SECRET_UNAVAILABLE,
                        "the secret " + reference + " of the store " + location + " is not there",
                        "Provide it to the user that runs the server."));
    }
}
