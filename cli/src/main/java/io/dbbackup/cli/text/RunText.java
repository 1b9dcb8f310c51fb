package io.dbbackup.cli.text;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.PrintWriter;
import java.time.Duration;
import java.time.OffsetDateTime;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/** A run for people: the failure first. */
public final class RunText {
    private RunText() {}

    /** How a run ended, with its result. */
    public static void result(PrintWriter out, JsonNode run) {
        out.println(run.path("label").asText() + ": " + state(run) + duration(run));
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Run", run.path("id").asText());
        JsonNode progress = run.path("progress");
        if (progress.path("items").path("total").asLong() > 0) {
            facts.put("Work items", items(progress));
        }
        Facts.print(out, facts, "  ");
        if (run.path("summary").isObject()) {
            Facts.print(out, apart((ObjectNode) run.path("summary")), "  ");
        }
        warnings(out, run);
    }

    /** Everything about a run. */
    public static void detail(PrintWriter out, JsonNode run) {
        if (run.path("problem").isObject()) {
            out.println(run.path("problem").path("code").asText() + ": " + run.path("problem").path("cause").asText());
        }
        if (run.hasNonNull("hint")) {
            out.println("HINT: " + run.path("hint").asText());
            out.println();
        }
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Run", run.path("id").asText());
        facts.put("What", run.path("label").asText());
        facts.put("State", state(run) + duration(run));
        facts.put("Exit status", run.path("exitStatus").asText("-"));
        facts.put("Started by", run.path("startedBy").asText() + " via " + run.path("startedVia").asText());
        for (String at : new String[] {"createdAt", "startedAt", "executionStartedAt", "endedAt", "discardedAt"}) {
            if (run.hasNonNull(at) && (restarted(run) || !at.equals("executionStartedAt"))) {
                facts.put(Facts.words(at), Amounts.instant(run.get(at).asText()));
            }
        }
        facts.put("Executions", run.path("executions").asText());
        run.path("parameters").properties().forEach(p -> facts.put("  " + p.getKey(), p.getValue().asText()));
        JsonNode progress = run.path("progress");
        facts.put("Work items", items(progress));
        facts.put("Bytes", Amounts.bytes(progress.path("bytesDone").asLong()) + " of "
                + Amounts.bytes(progress.path("bytesTotal").asLong()) + ", in the store "
                + Amounts.bytes(progress.path("storedBytes").asLong()));
        facts.put("Rows", Amounts.number(progress.path("rows").asLong()));
        Facts.print(out, facts, "");
        progress.path("limits").forEach(limit -> out.println("  " + limit.asText()));
        steps(out, run.path("steps"));
        if (run.path("summary").isObject()) {
            out.println("Result:");
            Facts.print(out, apart((ObjectNode) run.path("summary")), "  ");
        }
        warnings(out, run);
        if (run.path("links").has("discard")) {
            out.println((run.path("job").asText().equals("restore") ? "To give it up, with its unfinished databases" : "To give it up")
                    + ": dbbackup discard " + run.path("id").asText());
        }
    }

    /**
     * A summary counts what other sets store for a set among its stored bytes: for people what was stored now stands by itself, and nothing
     * is said of reuse where there was none.
     */
    private static JsonNode apart(ObjectNode summary) {
        if (!summary.has("reusedBytes")) {
            return summary;
        }
        ObjectNode told = summary.deepCopy();
        if (summary.path("reusedBlobs").asLong() == 0) {
            return told.without(List.of("reusedBlobs", "reusedBytes"));
        }
        return told.put("storedBytes", summary.path("storedBytes").asLong() - summary.path("reusedBytes").asLong());
    }

    /** What became of it, for people. Of a run that ended without some of its work a problem says so, beside the state of those that only warn. */
    public static String state(JsonNode run) {
        boolean partly = run.path("state").asText().equals("SUCCEEDED_WITH_WARNINGS") && run.path("problem").isObject();
        return (partly ? "succeeded in part" : run.path("state").asText().toLowerCase(java.util.Locale.ROOT).replace('_', ' '))
                + (run.hasNonNull("discardedAt") ? " (given up)" : "");
    }

    private static String items(JsonNode progress) {
        JsonNode items = progress.path("items");
        StringBuilder text = new StringBuilder(items.path("done").asLong() + " of " + items.path("total").asLong() + " done");
        for (String state : new String[] {"running", "failed", "skipped"}) {
            if (items.path(state).asLong() > 0) {
                text.append(", ").append(items.path(state).asLong()).append(' ').append(state);
            }
        }
        return text.toString();
    }

    private static void steps(PrintWriter out, JsonNode steps) {
        if (steps.isEmpty()) {
            return;
        }
        Table table = new Table("STEP", "BATCH STATUS", "EXIT STATUS", "READ", "WRITE", "COMMIT", "ROLLBACK");
        steps.forEach(step -> table.row(
                step.path("name").asText(),
                step.path("batchStatus").asText(),
                step.path("exitStatus").asText(),
                step.path("metrics").path("READ_COUNT").asText("0"),
                step.path("metrics").path("WRITE_COUNT").asText("0"),
                step.path("metrics").path("COMMIT_COUNT").asText("0"),
                step.path("metrics").path("ROLLBACK_COUNT").asText("0")));
        table.print(out);
    }

    private static void warnings(PrintWriter out, JsonNode run) {
        run.path("warnings").forEach(warning -> out.println("  WARNING: " + warning.asText().replace("\n", "\n  ")));
    }

    /** How long the latest execution took; of a run that was restarted also the time since the first one began. Empty before the end. */
    private static String duration(JsonNode run) {
        String took = took(run);
        String all = restarted(run) ? time(run, "startedAt") : "";
        return (took.isEmpty() ? "" : " in " + took)
                + (all.isEmpty() ? "" : " (" + all + " since the first of " + run.path("executions").asInt() + " executions began)");
    }

    private static boolean restarted(JsonNode run) {
        return run.path("executions").asInt() > 1;
    }

    /** How long the latest execution took; empty before its end, and when that is not known. */
    public static String took(JsonNode run) {
        return time(run, "executionStartedAt");
    }

    private static String time(JsonNode run, String since) {
        if (!run.hasNonNull(since) || !run.hasNonNull("endedAt")) {
            return "";
        }
        Duration took = Duration.between(
                OffsetDateTime.parse(run.get(since).asText()), OffsetDateTime.parse(run.get("endedAt").asText()));
        return Amounts.seconds(took.toSeconds());
    }
}
