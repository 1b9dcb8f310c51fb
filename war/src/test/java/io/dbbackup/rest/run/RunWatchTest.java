package io.dbbackup.rest.run;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.model.Operation;
import io.dbbackup.model.RunState;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class RunWatchTest {
    private static final Duration LONG = Duration.ofMinutes(5);

    @Test
    void an_error_answers_its_request_and_does_not_end_the_watch() throws Exception {
        RunView broken = run(RunState.RUNNING);
        RunView good = run(RunState.RUNNING);
        RunWatch watch = new RunWatch(new Runs() {
            @Override
            public RunView get(UUID id) {
                if (id.equals(broken.id())) {
                    throw new NoClassDefFoundError("gone");
                }
                return run(RunState.SUCCEEDED);
            }
        });
        try {
            CompletableFuture<RunView> failing = watch.await(broken, now -> false, LONG);
            assertThatThrownBy(() -> failing.get(30, TimeUnit.SECONDS)).hasRootCauseInstanceOf(NoClassDefFoundError.class);
            assertThat(watch.await(good, now -> now.state().ended(), LONG).get(30, TimeUnit.SECONDS).state()).isEqualTo(RunState.SUCCEEDED);
            assertThat(watch.await(good, now -> now.state() == RunState.FAILED, Duration.ofMillis(300)).get(30, TimeUnit.SECONDS).state())
                    .as("when the time is over").isEqualTo(RunState.SUCCEEDED);
        } finally {
            watch.stop();
        }
    }

    private static RunView run(RunState state) {
        return new RunView(
                UUID.randomUUID(), Operation.BACKUP, state, Optional.empty(), "a run", Optional.empty(), Optional.empty(),
                Optional.empty(), Optional.empty(), Map.of(), "ann", "rest", Instant.EPOCH, Optional.empty(),
                Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), 1, Optional.empty(), false,
                Optional.empty(), Optional.empty(), Optional.empty());
    }
}
