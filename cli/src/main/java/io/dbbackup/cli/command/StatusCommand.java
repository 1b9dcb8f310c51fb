package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.cli.text.Amounts;
import io.dbbackup.cli.text.RunText;
import io.dbbackup.cli.text.Table;
import java.util.Map;
import picocli.CommandLine.Command;

/** The state of everything at a glance. */
@Command(name = "status", description = "Active runs, runs that wait for somebody, and the latest backup of every source.")
public final class StatusCommand extends ApiCommand {
    public StatusCommand(Shared shared) {
        super(shared);
    }

    @Override
    public Integer call() {
        JsonNode status = api().get("/status", Map.of(), "product");
        if (json) {
            printJson(status);
            return 0;
        }
        out().println(status.path("product").asText() + " on " + status.path("node").asText());
        Table sources = new Table("SOURCE", "ENGINE", "LATEST SET", "AGE", "SIZE", "VERIFIED");
        status.path("sources").forEach(source -> {
            JsonNode set = source.path("latestSet");
            sources.row(
                    source.path("name").asText(),
                    source.path("engine").asText(),
                    set.isObject() ? set.path("id").asText() : "NONE",
                    source.hasNonNull("ageSeconds") ? Amounts.age(source.get("ageSeconds").asLong()) : "",
                    set.isObject() ? Amounts.bytes(set.path("plainBytes").asLong()) : "",
                    set.isObject() ? ListCommand.verified(set) : "");
        });
        sources.print(out());
        runs("Active:", status.path("active"));
        runs("Waiting for somebody (dbbackup runs RUN says why, dbbackup restart RUN continues, dbbackup discard RUN gives up):",
                status.path("failed"));
        return 0;
    }

    private void runs(String title, JsonNode runs) {
        if (runs.isEmpty()) {
            return;
        }
        out().println(title);
        Table table = new Table("RUN", "STATE", "SINCE", "WHAT", "PROBLEM");
        runs.forEach(run -> table.row(
                run.path("id").asText(),
                RunText.state(run),
                Amounts.instant(run.path("endedAt").asText(run.path("createdAt").asText())),
                run.path("label").asText(),
                run.path("problem").path("cause").asText("")));
        table.print(out());
        runs.forEach(run -> run.path("progress").path("limits").forEach(limit ->
                out().println("  " + run.path("label").asText() + ": " + limit.asText())));
    }
}
