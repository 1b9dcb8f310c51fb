package io.dbbackup.service.hook;

import io.dbbackup.catalog.RunView;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Hooks;
import io.dbbackup.model.Problem;
import io.dbbackup.service.run.Execution;
import io.dbbackup.service.run.SealOutcome;
import io.dbbackup.spi.Cancellation;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Supplier;
import java.util.logging.Level;
import java.util.logging.Logger;

/**
 * Runs the hooks of one execution of a run, held by it from its beginning.
 *
 * <p>The scripts before run at the beginning of <em>every</em> execution, a restart included: what they prepare may be gone
 * since. Those after run once per execution in which those before were begun, when its result is known, or else when it ends
 * without one (refused, stopped). Only a server that is killed runs none after.
 */
public final class RunHooks implements AutoCloseable {
    private static final Logger LOG = Logger.getLogger(RunHooks.class.getName());
    private static final String HELD = "hooks";
    /** Of its output, what becomes part of a message. */
    private static final int QUOTED = 600;

    private final Execution execution;
    private final Hooks hooks;
    private final Supplier<RunView> run;
    private boolean after;

    private RunHooks(Execution execution, Hooks hooks, Supplier<RunView> run) {
        this.execution = execution;
        this.hooks = hooks;
        this.run = run;
    }

    /**
     * Runs the scripts before.
     *
     * @param run the run as it is now
     * @throws BackupException HOOK_FAILED, HOOK_REFUSED, CANCELLED
     */
    public static void before(Execution execution, Supplier<RunView> run) {
        Hooks hooks = HookParameters.of(execution.parameters());
        if (hooks.isEmpty()) {
            return;
        }
        // before the run is sealed, which counts the warnings: each execution runs them anew
        hooks.after().forEach(name -> execution.settled(matter(name)));
        RunHooks held = execution.hold(HELD, RunHooks.class, () -> new RunHooks(execution, hooks, run));
        for (String name : hooks.before()) {
            held.failure(name, "before", "", execution.cancellation()).ifPresent(problem -> {
                throw new BackupException(problem.code(), problem.cause(), problem.remedy());
            });
        }
    }

    private static String matter(String after) {
        return "after " + after;
    }

    /** Runs the scripts after, which learn the outcome and may change it as the configuration says. */
    public static SealOutcome after(Execution execution, SealOutcome outcome) {
        if (HookParameters.of(execution.parameters()).isEmpty()) {
            return outcome;
        }
        return execution
                .hold(HELD, RunHooks.class, () -> {
                    throw new IllegalStateException("sealing without hooks in this execution");
                })
                .after(outcome);
    }

    private SealOutcome after(SealOutcome outcome) {
        if (outcome.result() == SealOutcome.Result.MORE) {
            // this run goes on
            return outcome;
        }
        Optional<Problem> first = runAfter(
                switch (outcome.result()) {
                    case COMPLETED -> "success";
                    case WARNINGS -> "warnings";
                    case PARTIAL -> "partial";
                    case FAILED, MORE -> "failed";
                });
        boolean good = outcome.result() == SealOutcome.Result.COMPLETED
                || outcome.result() == SealOutcome.Result.WARNINGS;
        if (first.isEmpty() || !good) {
            return outcome;
        }
        return hooks.failureFails()
                ? SealOutcome.failed(first.get(), outcome.summary())
                : SealOutcome.completed(true, outcome.summary());
    }

    /**
     * All of them, whichever fails; the first failure. A stop of the run does not reach them: it would leave what they put in
     * order, say a paused application, as it is. They have a time limit of their own.
     */
    private Optional<Problem> runAfter(String outcome) {
        after = true;
        Cancellation never = new Cancellation();
        Optional<Problem> first = Optional.empty();
        for (String name : hooks.after()) {
            Optional<Problem> problem = failure(name, "after", outcome, never);
            problem.ifPresent(found -> execution.warn(matter(name), found.cause()));
            first = first.or(() -> problem);
        }
        return first;
    }

    /** Runs one script; empty when it ended well. */
    private Optional<Problem> failure(String name, String phase, String outcome, Cancellation cancellation) {
        HookProcess.Ended ended;
        try {
            Path script = HookDirectory.find(name);
            RunView now = run.get();
            String operation = now.operation().name().toLowerCase(Locale.ROOT);
            ended = HookProcess.run(
                    script, List.of(phase, operation), environment(now, operation, phase, outcome), hooks.timeout(),
                    cancellation);
        } catch (BackupException e) {
            if (e.code() == ErrorCode.CANCELLED) {
                throw e;
            }
            return Optional.of(e.problem());
        }
        boolean good = ended.status() == 0 && !ended.timedOut();
        String how = ended.timedOut()
                ? "was killed after " + hooks.timeout().toSeconds() + " s"
                : "ended with exit status " + ended.status();
        LOG.log(good ? Level.INFO : Level.WARNING, () -> execution.view().label() + " (run " + execution.run()
                + "): hook " + name + " (" + phase + ") " + how
                + (ended.output().isEmpty() ? "" : ":\n" + ended.output()));
        String output = ended.output();
        String said = output.length() > QUOTED ? "…" + output.substring(output.length() - QUOTED) : output;
        return good
                ? Optional.empty()
                : Optional.of(new Problem(
                        ErrorCode.HOOK_FAILED,
                        "the hook " + name + " (" + phase + ") " + how + (said.isEmpty() ? "" : ": " + said),
                        ended.timedOut()
                                ? "Make the script quicker, or give it more time (hookTimeoutSeconds)."
                                : "Remove what the script complains about, then restart the run."));
    }

    private Map<String, String> environment(RunView now, String operation, String phase, String outcome) {
        Map<String, String> environment = new TreeMap<>();
        environment.put("DBBACKUP_OPERATION", operation);
        environment.put("DBBACKUP_PHASE", phase);
        environment.put("DBBACKUP_RUN", now.id().toString());
        environment.put("DBBACKUP_EXECUTION", Integer.toString(now.executions()));
        environment.put("DBBACKUP_SOURCE", now.source().orElse(""));
        environment.put("DBBACKUP_STORE", now.store().orElse(""));
        environment.put("DBBACKUP_POLICY", now.policy().orElse(""));
        environment.put("DBBACKUP_SET", now.set().orElse(""));
        environment.put("DBBACKUP_TARGET", execution.parameters().text("target").orElse(""));
        environment.put("DBBACKUP_OUTCOME", outcome);
        return environment;
    }

    /** At the end of the execution: for one that came to no result. */
    @Override
    public void close() {
        if (!after) {
            runAfter(execution.cancellation().cancelled() ? "stopped" : "failed");
        }
    }
}
