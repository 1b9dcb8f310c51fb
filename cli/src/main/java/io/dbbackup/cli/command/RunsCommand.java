package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.text.Amounts;
import io.dbbackup.cli.text.RunText;
import io.dbbackup.cli.text.Table;
import java.util.LinkedHashMap;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Looks at runs. */
@Command(name = "runs", description = "List runs, newest first, or show one with its steps, result and warnings.")
public final class RunsCommand extends ApiCommand {
    @Parameters(arity = "0..1", paramLabel = "RUN", description = "Id of the run to show.")
    private String run;

    @Option(names = "--items", description = "Show the work items of the run.")
    private boolean items;

    @Option(names = "--job", paramLabel = "JOB", description = "Only runs of this job: backup, verify, restore, …")
    private String job;

    @Option(names = "--state", paramLabel = "STATE", description = "Only runs (or items) in this state.")
    private String state;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "20", description = "At most N (default 20).")
    private int limit;

    public RunsCommand(Shared shared) {
        super(shared);
    }

    @Override
    public Integer call() {
        if (run == null) {
            list();
        } else if (items) {
            items();
        } else {
            JsonNode body = api().get("/runs/" + ApiClient.segment(run), Map.of(), "state");
            if (json) {
                printJson(body);
            } else {
                RunText.detail(out(), body);
            }
        }
        return 0;
    }

    private void list() {
        Map<String, String> query = new LinkedHashMap<>();
        if (job != null) {
            query.put("operation", job);
        }
        if (state != null) {
            query.put("state", state);
        }
        ArrayNode runs = Paged.read(api(), "/runs", query, limit);
        if (json) {
            printJson(runs);
            return;
        }
        Table table = new Table("RUN", "JOB", "STATE", "STARTED AT", "TOOK", "BY", "WHAT");
        runs.forEach(each -> table.row(
                each.path("id").asText(),
                each.path("job").asText(),
                RunText.state(each),
                Amounts.instant(each.path("createdAt").asText()),
                RunText.took(each),
                each.path("startedBy").asText(),
                each.path("label").asText()));
        table.print(out());
    }

    private void items() {
        ArrayNode found = Paged.read(
                api(),
                "/runs/" + ApiClient.segment(run) + "/items",
                state == null ? Map.of() : Map.of("state", state),
                limit);
        if (json) {
            printJson(found);
            return;
        }
        Table table = new Table("ITEM", "STATE", "ATTEMPTS", "BYTES", "ROWS", "WHAT", "PROBLEM");
        found.forEach(item -> table.row(
                item.path("id").asText(),
                RunText.state(item),
                item.path("attempts").asText(),
                Amounts.bytes(item.path("plainBytes").asLong()),
                Amounts.number(item.path("rows").asLong()),
                item.path("label").asText(),
                item.path("problem").path("cause").asText("")));
        table.print(out());
    }
}
