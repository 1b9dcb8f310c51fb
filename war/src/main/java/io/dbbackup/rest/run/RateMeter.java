package io.dbbackup.rest.run;

import jakarta.enterprise.context.ApplicationScoped;
import jakarta.inject.Inject;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;

/**
 * Bytes per second of active runs, over the last half minute in which somebody looked. Thread-safe; keeps the runs that
 * were looked at last, and nothing else.
 */
@ApplicationScoped
public class RateMeter {
    private static final Duration WINDOW = Duration.ofSeconds(30);
    private static final int MAX_RUNS = 200;
    private static final int MAX_SAMPLES = 200;

    private final Map<UUID, Deque<Sample>> samples = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<UUID, Deque<Sample>> eldest) {
            return size() > MAX_RUNS;
        }
    };

    private Clock clock;

    protected RateMeter() {}

    @Inject
    public RateMeter(Clock clock) {
        this.clock = clock;
    }

    /**
     * Adds an observation and yields the rate; empty until there are two that are half a second apart.
     *
     * @param execution of the run: between two nobody works
     */
    public synchronized Optional<Long> rate(UUID run, int execution, long bytesDone) {
        Instant now = clock.instant();
        Deque<Sample> seen = samples.computeIfAbsent(run, id -> new ArrayDeque<>());
        if (!seen.isEmpty() && (seen.getLast().bytes() > bytesDone || seen.getLast().execution() != execution)) {
            // a database was started again, or the run
            seen.clear();
        }
        while (seen.size() > 1 && (seen.getFirst().at().isBefore(now.minus(WINDOW)) || seen.size() >= MAX_SAMPLES)) {
            seen.removeFirst();
        }
        seen.addLast(new Sample(now, execution, bytesDone));
        long millis = Duration.between(seen.getFirst().at(), now).toMillis();
        return millis < 500 ? Optional.empty() : Optional.of((bytesDone - seen.getFirst().bytes()) * 1000 / millis);
    }

    private record Sample(Instant at, int execution, long bytes) {}
}
