package io.dbbackup.catalog;

import io.dbbackup.model.Operation;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A checked request for a run: what {@link Runs#create} stores. Parameters hold no secrets.
 *
 * @param warnings what the run shall say whatever comes of it
 */
public record RunDraft(
        Operation operation,
        String label,
        Optional<String> source,
        Optional<String> store,
        Optional<String> policy,
        Optional<String> set,
        Map<String, String> parameters,
        List<String> warnings) {
    public RunDraft {
        parameters = Map.copyOf(parameters);
        warnings = List.copyOf(warnings);
    }

    /** Without warnings. */
    public RunDraft(
            Operation operation,
            String label,
            Optional<String> source,
            Optional<String> store,
            Optional<String> policy,
            Optional<String> set,
            Map<String, String> parameters) {
        this(operation, label, source, store, policy, set, parameters, List.of());
    }
}
