package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.cli.client.ApiClient;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lets backup sets expire. */
@Command(
        name = "retention",
        description = "Delete the backup sets that no rule keeps. --dry-run says which, and which rule keeps the others.")
public final class RetentionCommand extends RunCommand {
    @Mixin
    private PolicyOptions policy;

    @Option(names = "--dry-run", description = "Only say what would be kept and deleted; waits for that.")
    private boolean dryRun;

    @Option(names = "--keep-last", paramLabel = "N", description = "The newest N sets.")
    private Integer last;

    @Option(names = "--keep-daily", paramLabel = "N", description = "The newest set of each of the newest N days.")
    private Integer daily;

    @Option(names = "--keep-weekly", paramLabel = "N", description = "The same for ISO weeks.")
    private Integer weekly;

    @Option(names = "--keep-monthly", paramLabel = "N", description = "The same for months.")
    private Integer monthly;

    @Option(names = "--keep-yearly", paramLabel = "N", description = "The same for years.")
    private Integer yearly;

    @Option(names = "--min-count", paramLabel = "N", description = "Never fewer sets than this remain.")
    private Integer minCount;

    @Option(names = "--max-age", paramLabel = "AGE", description = "Sets younger than this, for example 30d.")
    private String maxAge;

    @Mixin
    private JobOptions job;

    public RetentionCommand(Shared shared) {
        super(shared);
    }

    @Override
    boolean dry() {
        return dryRun;
    }

    @Override
    JsonNode begin() {
        ObjectNode parameters = ApiClient.JSON.createObjectNode();
        policy.into(parameters, "Use dbbackup retention POLICY, or --source NAME --store NAME and rules.");
        put(parameters, "last", last);
        put(parameters, "daily", daily);
        put(parameters, "weekly", weekly);
        put(parameters, "monthly", monthly);
        put(parameters, "yearly", yearly);
        put(parameters, "minCount", minCount);
        put(parameters, "maxAge", maxAge);
        put(parameters, "dryRun", dryRun ? true : null);
        job.into(parameters);
        return start("retention", parameters, job.key());
    }
}
