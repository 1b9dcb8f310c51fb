package io.dbbackup.service.retention;

import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * Which runs need a backup set to stay: active ones, backups that may refer to it among them, and those that ended half-way
 * within the last week, can be restarted and were not given up: restores of it, and the backup that has yet to copy it. Thread-safe.
 */
@ApplicationScoped
public class SetUsers {
    private static final Duration HALFWAY = Duration.ofDays(7);

    private Runs runs;
    private Clock clock;

    protected SetUsers() {}

    @Inject
    public SetUsers(Runs runs, Clock clock) {
        this.runs = runs;
        this.clock = clock;
    }

    /** One user for each set that has any, for people. */
    Map<String, String> all() {
        return users(Optional.empty());
    }

    Optional<String> of(String set) {
        return Optional.ofNullable(users(Optional.of(set)).get(set));
    }

    private Map<String, String> users(Optional<String> set) {
        Map<String, String> users = new HashMap<>();
        for (RunView run : runs.usersOfSets(set, clock.instant().minus(HALFWAY))) {
            users.putIfAbsent(run.set().orElseThrow(), text(run));
        }
        runs.pinning(set).forEach((pinned, by) -> users.putIfAbsent(pinned, text(by.get(0))));
        return users;
    }

    private static String text(RunView run) {
        return "%s run %s (%s)"
                .formatted(
                        run.operation().jobName(), run.id(), run.state().name().toLowerCase(Locale.ROOT));
    }
}
