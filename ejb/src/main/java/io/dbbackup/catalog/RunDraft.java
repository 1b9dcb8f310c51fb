package io.dbbackup.catalog;

import io.dbbackup.model.Operation;
import java.util.Map;
import java.util.Optional;

/** A checked request for a run: what {@link Runs#create} stores. Parameters hold no secrets. */
public record RunDraft(
        Operation operation,
        String label,
        Optional<String> source,
        Optional<String> store,
        Optional<String> policy,
        Optional<String> set,
        Map<String, String> parameters) {
    public RunDraft {
        parameters = Map.copyOf(parameters);
    }
}
