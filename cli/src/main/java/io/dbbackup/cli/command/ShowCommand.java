package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.text.Amounts;
import io.dbbackup.cli.text.Facts;
import io.dbbackup.cli.text.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.StringJoiner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** Shows a backup set. */
@Command(name = "show", description = "Show a backup set: databases, verifications, and how to open it without this tool.")
public final class ShowCommand extends ApiCommand {
    @Parameters(paramLabel = "SET", description = "Backup set, or latest:SOURCE.")
    private String set;

    @Mixin
    private StoreOptions.OfSet stores;

    public ShowCommand(Shared shared) {
        super(shared);
    }

    @Override
    public Integer call() {
        Map<String, String> query = stores.store(this, Optional.of(set), Optional.empty())
                .map(store -> Map.of("store", store))
                .orElse(Map.of());
        JsonNode body = api().get("/sets/" + ApiClient.segment(set), query, "set");
        if (json) {
            printJson(body);
            return 0;
        }
        JsonNode known = body.path("set");
        Map<String, String> facts = new LinkedHashMap<>();
        facts.put("Set", known.path("id").asText() + (known.path("complete").asBoolean() ? "" : " (" + ListCommand.incompleteness(known).strip() + ")"));
        facts.put("Where", body.path("location").asText());
        facts.put("Source", known.path("source").asText() + ", " + body.path("server").path("version").asText());
        facts.put("Taken at", Amounts.instant(known.path("takenAt").asText()) + ", " + body.path("consistency").asText());
        selection(body.path("selection"), facts);
        facts.put("Databases", ListCommand.databases(known));
        facts.put("Rows", Amounts.number(known.path("rows").asLong()));
        facts.put("Size", Amounts.bytes(known.path("plainBytes").asLong()) + ", stored "
                + ListCommand.stored(known));
        StringJoiner reused = new StringJoiner(", ");
        known.path("reuses").forEach(from -> reused.add(from.path("blobs").asInt() + " parts of "
                + from.path("set").asText() + " (" + Amounts.bytes(from.path("storedBytes").asLong()) + ")"));
        if (reused.length() > 0) {
            facts.put("Refers to", reused.toString());
        }
        place(body.path("databases"), facts);
        facts.put("Verified", ListCommand.verified(known));
        facts.put("Made by", body.path("product").asText() + ", run " + known.path("run").asText());
        Facts.print(out(), facts, "");
        if (body.path("copies").size() > 1) {
            Table copies = new Table("COPY IN", "POLICY", "STATE", "VERIFIED");
            body.path("copies").forEach(copy -> copies.row(
                    copy.path("store").asText(),
                    copy.path("policy").asText(""),
                    copy.path("state").asText().toLowerCase(Locale.ROOT),
                    ListCommand.verified(copy)));
            copies.print(out());
        }
        Table table = new Table("DATABASE", "SNAPSHOT AT", "TABLES", "ROWS", "SIZE", "STORED");
        body.path("databases").forEach(database -> table.row(
                database.path("name").asText(),
                Amounts.instant(database.path("snapshotAt").asText()),
                database.path("tables").asInt(),
                Amounts.number(database.path("rows").asLong()),
                Amounts.bytes(database.path("plainBytes").asLong()),
                Amounts.bytes(database.path("storedBytes").asLong())));
        table.print(out());
        missing(body);
        out().println("Open it without this tool:");
        body.path("openWithoutUs").forEach(line -> out().println("  " + line.asText()));
        return 0;
    }

    /** What was asked for and is not in the set; of an encrypted one whose manifest is closed, that something is. */
    private void missing(JsonNode body) {
        if (body.hasNonNull("globalsMissing")) {
            out().println("MISSING: roles or accounts: " + body.get("globalsMissing").asText());
        }
        body.path("missing").forEach(missing ->
                out().println("MISSING: " + missing.path("name").asText() + ": " + missing.path("reason").asText()));
        long unnamed = body.path("missingDatabases").asLong() - body.path("missing").size();
        if (unnamed > 0) {
            out().println("MISSING: " + Amounts.count(unnamed, "database; the encrypted manifest names it", "databases; the encrypted manifest names them")
                    + ", for which there is no key here");
        }
    }

    /** Where in the source's log the databases are, the same text once, and for how long commits were held up for that. */
    private static void place(JsonNode databases, Map<String, String> facts) {
        Set<String> positions = new LinkedHashSet<>();
        long millis = -1;
        for (JsonNode database : databases) {
            positions.add(database.path("position").asText());
            millis = Math.max(millis, database.path("lockMillis").asLong(-1));
        }
        if (positions.size() == 1 && !positions.contains("")) {
            facts.put("Log position", positions.iterator().next());
        } else if (positions.size() > 1) {
            facts.put("Log position", "of each database: see --json");
        }
        if (millis >= 0) {
            facts.put("Commits held up", millis + " ms");
        }
    }

    private static void selection(JsonNode selection, Map<String, String> facts) {
        Map.of("includeTables", "Only tables", "excludeTables", "Not tables", "excludeTableData", "Not rows of")
                .forEach((key, label) -> {
                    if (!selection.path(key).isEmpty()) {
                        List<String> patterns = new ArrayList<>();
                        selection.path(key).forEach(pattern -> patterns.add(pattern.asText()));
                        facts.put(label, String.join(", ", patterns));
                    }
                });
    }
}
