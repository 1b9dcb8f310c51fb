package io.dbbackup.cli.demo;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Undoes what the demo has set up, in reverse order and once: at its end, or when the JVM is told to end (Ctrl-C, SIGTERM).
 * Thread-safe.
 */
final class Cleanup implements AutoCloseable {
    /** Something to undo. */
    interface Action {
        void run() throws Exception;
    }

    private record Step(String what, Action action) {}

    private final Deque<Step> steps = new ArrayDeque<>();
    private final AtomicBoolean interrupted = new AtomicBoolean();
    private final Thread hook;
    private boolean closed;

    /** @param onInterrupt called first when the JVM is told to end before {@link #close} */
    Cleanup(Runnable onInterrupt) {
        hook = new Thread(() -> {
            interrupted.set(true);
            onInterrupt.run();
            run();
        }, "clean up the demo");
        Runtime.getRuntime().addShutdownHook(hook);
    }

    /** @throws IllegalStateException when it is too late; the action has been run then */
    void add(String what, Action action) {
        synchronized (this) {
            if (!closed) {
                steps.push(new Step(what, action));
                return;
            }
        }
        quietly(new Step(what, action), new ArrayList<>());
        throw new IllegalStateException("the demo is being cleaned up");
    }

    /** Whether the end comes from outside; whoever sees an error then should keep silent. */
    boolean interrupted() {
        return interrupted.get();
    }

    @Override
    public void close() {
        List<String> failures = run();
        try {
            Runtime.getRuntime().removeShutdownHook(hook);
        } catch (IllegalStateException e) {
            // the JVM is ending already, and this has been the hook's work
        }
        if (!failures.isEmpty()) {
            throw new IllegalStateException(String.join("; ", failures));
        }
    }

    private synchronized List<String> run() {
        closed = true;
        List<String> failures = new ArrayList<>();
        while (!steps.isEmpty()) {
            quietly(steps.pop(), failures);
        }
        return failures;
    }

    private static void quietly(Step step, List<String> failures) {
        try {
            step.action().run();
        } catch (Exception e) {
            failures.add(step.what() + ": " + e.getMessage());
        }
    }
}
