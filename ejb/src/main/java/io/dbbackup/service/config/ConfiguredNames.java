package io.dbbackup.service.config;

import io.dbbackup.catalog.Configuration;
import io.dbbackup.model.Json;
import io.dbbackup.service.run.Parameters;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.function.UnaryOperator;

/**
 * Parameters may have the catalog's ids in the place of names. What a run leaves behind is looked for by names: sets that were filed under
 * an id would belong to no policy or source that retention, {@code latest:} and the status know. Stateless.
 */
public final class ConfiguredNames {
    private ConfiguredNames() {}

    /**
     * The same parameters with names for {@code policy}, {@code source}, {@code store} and {@code copies}, as far as they are given.
     *
     * @throws io.dbbackup.model.BackupException UNKNOWN_POLICY, UNKNOWN_SOURCE, UNKNOWN_STORE
     */
    public static Parameters in(Parameters given, Configuration configuration) {
        Map<String, String> named = new TreeMap<>(given.asMap());
        Map<String, UnaryOperator<String>> names = Map.of(
                "policy", policy -> configuration.policy(policy).name(),
                "source", source -> configuration.source(source).name(),
                "store", store -> configuration.store(store).name());
        names.forEach((parameter, name) -> named.computeIfPresent(parameter, (any, value) -> name.apply(value)));
        List<String> copies = given.list("copies");
        if (!copies.isEmpty()) {
            named.put("copies", Json.write(copies.stream().map(store -> configuration.store(store).name()).toList()));
        }
        return new Parameters(named);
    }
}
