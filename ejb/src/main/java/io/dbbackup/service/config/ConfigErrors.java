package io.dbbackup.service.config;

import io.dbbackup.model.BackupException;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import org.snakeyaml.engine.v2.exceptions.Mark;
import org.snakeyaml.engine.v2.nodes.Node;

/** Collects errors instead of stopping at the first. Not thread-safe: one per file. */
final class ConfigErrors {
    private final List<ConfigError> errors = new ArrayList<>();

    void add(Node at, String where, String problem, String allowed) {
        add(at.getStartMark(), where, problem, allowed);
    }

    void add(Optional<Mark> at, String where, String problem, String allowed) {
        errors.add(new ConfigError(
                at.map(Mark::getLine).orElse(0) + 1, at.map(Mark::getColumn).orElse(0) + 1, where, problem, allowed));
    }

    /** Runs the check of a plug-in, whose refusal becomes an error at that place. */
    void checked(Node at, String where, Runnable check) {
        try {
            check.run();
        } catch (BackupException e) {
            add(at, where, e.problem().cause(), e.problem().remedy());
        }
    }

    boolean any() {
        return !errors.isEmpty();
    }

    /** @throws InvalidConfigurationException when there is any error */
    void throwIfAny() {
        if (any()) {
            throw new InvalidConfigurationException(errors.stream()
                    .sorted(Comparator.comparingInt(ConfigError::line).thenComparingInt(ConfigError::column))
                    .toList());
        }
    }
}
