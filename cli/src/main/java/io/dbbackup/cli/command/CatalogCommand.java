package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.text.Amounts;
import io.dbbackup.cli.text.ImportText;
import io.dbbackup.cli.text.Table;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** Looks after the catalog. */
@Command(
        name = "catalog",
        mixinStandardHelpOptions = true,
        description = "Look after the catalog.",
        subcommands = CatalogCommand.Import.class)
public final class CatalogCommand implements Runnable {
    /** Exit status when some sets cannot be used. */
    private static final int DATA = 65;

    @Spec
    private CommandSpec spec;

    @Override
    public void run() {
        throw new ParameterException(spec.commandLine(), "catalog needs a command: import");
    }

    /** Fills it from a store. */
    @Command(
            name = "import",
            description = {
                "Enter the backup sets of a store into the catalog, from their manifests: on a machine that never saw them, or"
                        + " after the catalog was lost. What is known stays as it is; the store is only read.",
                "Exit status 65 when something was refused: a manifest that is damaged, foreign or another than the known one."
            })
    public static final class Import extends ApiCommand {
        @Option(names = "--from", paramLabel = "STORE", required = true, description = StoreOptions.FROM)
        private String from;

        @Option(names = "--as", paramLabel = "NAME", description = "Register a store that is given by its URL under this name.")
        private String as;

        @Option(names = "--source", paramLabel = "NAME", description = "Only sets of this source; it need not be configured.")
        private String source;

        @Option(names = "--set", paramLabel = "SET", description = "Only this set.")
        private String set;

        @Option(
                names = "--policy",
                paramLabel = "NAME",
                description = "Policy that the sets of its source belong to from now on, for retention (default: none).")
        private String policy;

        @Option(names = "--dry-run", description = "Only say what would be imported; registers no store either.")
        private boolean dryRun;

        public Import(Shared shared) {
            super(shared);
        }

        @Override
        public Integer call() {
            ObjectNode body = ApiClient.JSON.createObjectNode();
            RunCommand.put(body, "from", from);
            RunCommand.put(body, "as", as);
            RunCommand.put(body, "source", source);
            RunCommand.put(body, "set", set);
            RunCommand.put(body, "policy", policy);
            RunCommand.put(body, "dryRun", dryRun ? true : null);
            JsonNode report = api().post("/catalog/imports", Map.of(), body, Map.of(), "store");
            if (json) {
                printJson(report);
            } else {
                table(report);
                ImportText.summary(err(), report);
            }
            return report.path("refused").asLong() > 0 ? DATA : 0;
        }

        private void table(JsonNode report) {
            if (report.path("sets").isEmpty()) {
                return;
            }
            Table table = new Table("SET", "SOURCE", "TAKEN AT", "STORED", "");
            report.path("sets").forEach(found -> table.row(
                    found.path("set").asText(),
                    found.path("source").asText(),
                    Amounts.instant(found.path("takenAt").asText()),
                    Amounts.bytes(found.path("storedBytes").asLong()),
                    (found.path("complete").asBoolean() ? "" : "incomplete ")
                            + (found.path("encrypted").asBoolean() ? "encrypted" : "")));
            table.print(out());
        }
    }
}
