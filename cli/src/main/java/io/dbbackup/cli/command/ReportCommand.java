package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.cli.text.Amounts;
import io.dbbackup.cli.text.RunText;
import io.dbbackup.cli.text.Table;
import java.time.ZoneId;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** The auditor's report. */
@Command(name = "report", description = "Report the runs of a period: who, when, outcome, steps, bytes, verification.")
public final class ReportCommand extends ApiCommand {
    /** How it is written. */
    enum Format {
        TABLE,
        CSV,
        JSON;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Option(names = "--from", paramLabel = "WHEN", description = "Day or instant (default: 30 days before).")
    private String from;

    @Option(names = "--to", paramLabel = "WHEN", description = "Day (included) or instant (default: now).")
    private String to;

    @Option(names = "--format", paramLabel = "FORMAT", defaultValue = "table", description = "${COMPLETION-CANDIDATES}.")
    private Format format;

    public ReportCommand(Shared shared) {
        super(shared);
    }

    @Override
    public Integer call() {
        Map<String, String> query = new LinkedHashMap<>();
        query.put("zone", ZoneId.systemDefault().getId());
        if (from != null) {
            query.put("from", from);
        }
        if (to != null) {
            query.put("to", to);
        }
        switch (json ? Format.JSON : format) {
            case CSV -> {
                query.put("format", "csv");
                Streams.copy(api().stream("/report", query, "text/csv"), out());
            }
            case JSON -> Streams.copy(api().stream("/report", query, "application/json"), out());
            case TABLE -> table(api().get("/report", query, "runs"));
        }
        return 0;
    }

    private void table(JsonNode report) {
        Table table = new Table(
                "CREATED AT", "JOB", "WHAT", "BY", "VIA", "STATE", "BATCH", "EXIT STATUS", "TOOK", "ITEMS", "BYTES", "STORED",
                "ROWS", "VERIFIED", "PROBLEM");
        report.path("runs").forEach(run -> table.row(
                Amounts.instant(run.path("createdAt").asText()),
                run.path("job").asText(),
                run.path("label").asText(),
                run.path("startedBy").asText(),
                run.path("startedVia").asText(),
                RunText.state(run),
                run.path("batchStatus").asText("-"),
                run.path("exitStatus").asText("-"),
                RunText.took(run),
                run.path("itemsDone").asText() + "/" + run.path("items").asText(),
                Amounts.bytes(run.path("plainBytes").asLong()),
                Amounts.bytes(run.path("storedBytes").asLong()) + reused(run.path("reusedBytes").asLong()),
                Amounts.number(run.path("rows").asLong()),
                verdict(run.path("verification")),
                run.path("problem").path("code").asText("")));
        table.print(out());
    }

    private static String reused(long bytes) {
        return bytes == 0 ? "" : " + " + Amounts.bytes(bytes) + " reused";
    }

    private static String verdict(JsonNode verification) {
        return verification.isObject()
                ? verification.path("level").asText().toLowerCase(Locale.ROOT)
                        + (verification.path("passed").asBoolean() ? " passed" : " FAILED")
                : "";
    }
}
