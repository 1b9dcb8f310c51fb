package io.dbbackup.cli;

import java.util.Map;
import java.util.Optional;

/** Environment variables, so that tests can give their own. */
public record Environment(Map<String, String> variables) {
    public Environment {
        variables = Map.copyOf(variables);
    }

    static Environment system() {
        return new Environment(System.getenv());
    }

    /** Empty when unset or blank. */
    public Optional<String> get(String name) {
        return Optional.ofNullable(variables.get(name)).filter(value -> !value.isBlank());
    }
}
