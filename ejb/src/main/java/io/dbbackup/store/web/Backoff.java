package io.dbbackup.store.web;

import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.ThreadLocalRandom;

/** Pauses between attempts: full jitter that doubles, or what the server asks for. */
final class Backoff {
    private static final long FIRST_MILLIS = 200;
    private static final long LONGEST_MILLIS = 20_000;
    private static final long FIRST_THROTTLED_MILLIS = 1_000;
    private static final long LONGEST_THROTTLED_MILLIS = 60_000;
    private static final long MOST_ASKED_SECONDS = 300;

    private Backoff() {}

    /** After the attempt with that number, from 0 on, that got no answer. */
    static Duration unanswered(int attempt) {
        return jitter(FIRST_MILLIS, LONGEST_MILLIS, attempt);
    }

    /** After an answer that asks for another attempt; {@code Retry-After} in seconds is obeyed up to five minutes. */
    static Duration answered(int attempt, Answer answer) {
        Optional<Duration> asked = answer.header("retry-after")
                .filter(text -> text.matches("\\d{1,9}"))
                .map(text -> Duration.ofSeconds(Math.min(MOST_ASKED_SECONDS, Long.parseLong(text))));
        if (asked.isPresent()) {
            return asked.get().plus(jitter(FIRST_MILLIS, LONGEST_MILLIS, 0));
        }
        return answer.status() == 429 || answer.status() == 503
                ? jitter(FIRST_THROTTLED_MILLIS, LONGEST_THROTTLED_MILLIS, attempt)
                : jitter(FIRST_MILLIS, LONGEST_MILLIS, attempt);
    }

    private static Duration jitter(long first, long longest, int attempt) {
        long most = Math.min(longest, first << Math.min(attempt, 20));
        return Duration.ofMillis(ThreadLocalRandom.current().nextLong(most + 1));
    }
}
