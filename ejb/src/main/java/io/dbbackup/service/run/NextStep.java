package io.dbbackup.service.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.catalog.RunView;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import java.util.EnumSet;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/**
 * What somebody does about a run that has not ended well: the remedy of its problem, and the command with which it goes on from there.
 * One text for the command line, REST and notifications. Stateless and thread-safe.
 */
public final class NextStep {
    /** What was read is not what was written: it is no other at the next look. */
    private static final Set<ErrorCode> DAMAGE = EnumSet.of(
            ErrorCode.BLOB_MISSING, ErrorCode.BLOB_SIZE_MISMATCH, ErrorCode.BLOB_DIGEST_MISMATCH, ErrorCode.BLOB_UNDECODABLE,
            ErrorCode.BLOB_UNEXPECTED, ErrorCode.BLOB_NOT_AUTHENTIC, ErrorCode.BLOB_TRUNCATED, ErrorCode.MANIFEST_INVALID,
            ErrorCode.KEY_DOCUMENT_INVALID, ErrorCode.VERIFICATION_FAILED);
    /** Rows that came out otherwise than they went in: those that are there count as done. */
    private static final Set<ErrorCode> OTHER_ROWS = EnumSet.of(ErrorCode.ROW_COUNT_MISMATCH, ErrorCode.FINGERPRINT_MISMATCH);
    /** What is wrong is in the parameters, which a restart has, too. */
    private static final Set<ErrorCode> ASKED_WRONGLY =
            EnumSet.of(ErrorCode.INVALID_PARAMETER, ErrorCode.CONFIRMATION_REQUIRED, ErrorCode.RUN_NOT_RESTARTABLE);
    /** Findings of a verification that has read the very bytes that were written: another copy of the set holds the same. */
    private static final Set<ErrorCode> AS_WRITTEN = EnumSet.of(
            ErrorCode.ROW_COUNT_MISMATCH, ErrorCode.FINGERPRINT_MISMATCH, ErrorCode.TOOL_FAILED, ErrorCode.DATABASE_STATEMENT_FAILED);
    /** The remedy of such a finding, in the report as in the next step. */
    public static final String NO_OTHER_COPY = "Do not rely on this set: what is stored is what was written, and other copies of it hold the"
            + " same. Take a new backup and verify that; until then verify earlier sets.";
    /** What a remedy begins with where a restart would find the same again. */
    public static final String NO_RESTART = "No restart can end this run";

    private static final String RESTART = "Restart the run";

    private NextStep() {}

    /**
     * For a run that has ended.
     *
     * @param planned whether it has work items; without any it has done nothing
     * @return empty while it is active, and when nothing is to be done
     */
    public static Optional<String> of(RunView run, boolean planned) {
        if (!run.state().ended() || run.state() != RunState.STOPPED && run.problem().isEmpty() && !run.restartable()) {
            return Optional.empty();
        }
        String next = next(run, planned);
        // a remedy that only says so adds nothing to the command
        String remedy = run.problem().map(Problem::remedy).filter(text -> !text.equals(next))
                .filter(text -> !text.startsWith(RESTART) || run.jobExecution().isPresent() && !next.contains("dbbackup restart"))
                .orElse("");
        // statements in it are on lines of their own
        return Optional.of((remedy + (remedy.contains("\n") ? "\n" : " ") + next).strip()).filter(text -> !text.isEmpty());
    }

    private static String next(RunView run, boolean planned) {
        ErrorCode code = run.problem().map(Problem::code).orElse(ErrorCode.INTERNAL);
        if (run.jobExecution().isEmpty()) {
            // its job never began: there is none to restart
            return "Nothing was begun: start a new run.";
        }
        if (run.state() == RunState.STOPPED) {
            // nothing was wrong
            return "Continue: " + restart(run);
        }
        if (!run.restartable()) {
            return run.operation() == Operation.BACKUP
                    ? "What a set lacks cannot be added to it: when the cause is put right, start a new backup."
                    : "";
        }
        if (run.problem().filter(problem -> problem.remedy().startsWith(NO_RESTART)).isPresent()) {
            return "Give it up: dbbackup discard " + run.id();
        }
        if (ASKED_WRONGLY.contains(code)) {
            return "A restart has the same parameters: start a new run.";
        }
        if (DAMAGE.contains(code) || OTHER_ROWS.contains(code)) {
            return damaged(run, code);
        }
        return planned
                ? "Continue with what is left: " + restart(run)
                : "Nothing was done yet: correct a wrong parameter in a new run; when anything else is put right, continue: " + restart(run);
    }

    /** A restart would find the same again. */
    private static String damaged(RunView run, ErrorCode code) {
        String set = run.set().orElse("SET");
        String intact = " from a store whose copy is intact (dbbackup show " + set + " names them, --store chooses)";
        String discard = ", and give this run up: dbbackup discard " + run.id();
        return switch (run.operation()) {
            case VERIFY -> asWritten(run, code)
                    ? NO_OTHER_COPY
                    : "Do not rely on this copy of the set. Mend it from another store that has one (dbbackup show " + set
                            + " names them; dbbackup copy " + set + " --store INTACT --to " + run.store().orElse("STORE")
                            + "); where there is none, take a new backup. Then verify again.";
            case RESTORE -> OTHER_ROWS.contains(code)
                    ? "A restart does not help: start a new restore" + discard
                    : "A restart reads the same bytes: restore" + intact + ", or another set" + discard;
            case COPY -> "A restart reads the same bytes: copy" + intact + discard;
            case ENCRYPT, DECRYPT -> "A restart reads the same bytes: start again" + intact + discard;
            case BACKUP -> "Start a new backup" + discard;
            case RETENTION, REMOVE -> "When it is put right, continue: " + restart(run);
        };
    }

    /** By the first finding; a verification fails with the same code whatever it has found. */
    private static boolean asWritten(RunView run, ErrorCode code) {
        return AS_WRITTEN.contains(code == ErrorCode.VERIFICATION_FAILED ? firstFinding(run).orElse(code) : code);
    }

    private static Optional<ErrorCode> firstFinding(RunView run) {
        return run.summary()
                .map(summary -> Json.read(summary, JsonNode.class).at("/firstFailure/code").asText())
                .flatMap(code -> Stream.of(ErrorCode.values()).filter(known -> known.name().equals(code)).findFirst());
    }

    private static String restart(RunView run) {
        return "dbbackup restart " + run.id();
    }
}
