package io.dbbackup.cli.text;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;

/** What an import did, for people. */
public final class ImportText {
    private ImportText() {}

    /** What was refused and why, then the numbers. */
    public static void summary(PrintWriter to, JsonNode report) {
        report.path("problems").forEach(refused -> {
            JsonNode problem = refused.path("problem");
            to.println(refused.path("prefix").asText() + ": " + problem.path("code").asText() + ": "
                    + problem.path("cause").asText());
            to.println("HINT: " + problem.path("remedy").asText());
        });
        String store = report.path("store").asText();
        boolean dryRun = report.path("dryRun").asBoolean();
        if (report.path("registered").asBoolean()) {
            to.println("Registered the store as " + store + "; it stays configured.");
        }
        to.println("store " + store + ": " + report.path("found").asLong() + " sets found, "
                + report.path("imported").asLong() + (dryRun ? " would be imported, " : " imported, ")
                + report.path("known").asLong() + " known, " + report.path("skipped").asLong() + " in work, "
                + report.path("refused").asLong() + " refused");
        if (report.path("omitted").asLong() > 0) {
            to.println(report.path("omitted").asLong() + " more are not listed.");
        }
    }
}
