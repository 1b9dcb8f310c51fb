package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.dbbackup.cli.text.Amounts;
import io.dbbackup.cli.text.Table;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.StringJoiner;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** Lists backup sets. */
@Command(name = "list", description = "List backup sets, newest first.")
public final class ListCommand extends ApiCommand {
    @Option(names = "--source", paramLabel = "NAME", description = "Only sets of this source.")
    private String source;

    @Option(names = "--limit", paramLabel = "N", defaultValue = "50", description = "At most N (default 50).")
    private int limit;

    @Mixin
    private StoreOptions.OfList stores;

    public ListCommand(Shared shared) {
        super(shared);
    }

    @Override
    public Integer call() {
        Map<String, String> query = new LinkedHashMap<>();
        if (source != null) {
            query.put("source", source);
        }
        stores.store(this, Optional.empty(), Optional.ofNullable(source)).ifPresent(store -> query.put("store", store));
        ArrayNode sets = Paged.read(api(), "/sets", query, limit);
        if (json) {
            printJson(sets);
            return 0;
        }
        Table table = new Table("SET", "SOURCE", "STORE", "TAKEN AT", "DATABASES", "ROWS", "SIZE", "STORED", "ENCRYPTED FOR", "VERIFIED");
        sets.forEach(set -> table.row(
                set.path("id").asText(),
                set.path("source").asText(),
                set.path("store").asText(),
                Amounts.instant(set.path("takenAt").asText()),
                databases(set) + incompleteness(set),
                Amounts.number(set.path("rows").asLong()),
                Amounts.bytes(set.path("plainBytes").asLong()),
                stored(set),
                recipients(set),
                verified(set)));
        table.print(out());
        return 0;
    }

    /** What the set itself takes in its store, and what it refers to in others. */
    static String stored(JsonNode set) {
        long reused = set.path("reusedBytes").asLong();
        String own = Amounts.bytes(set.path("storedBytes").asLong() - reused);
        return reused == 0 ? own : own + " + " + Amounts.bytes(reused) + " reused";
    }

    /** Names of keys; nothing for a set that is not encrypted. */
    private static String recipients(JsonNode set) {
        if (!set.path("recipients").isArray()) {
            return "?";
        }
        StringJoiner names = new StringJoiner(", ");
        set.get("recipients").forEach(name -> names.add(name.asText()));
        return names.length() == 0 ? "-" : names.toString();
    }

    /** How many it holds, and of how many: a policy may take a part of them, and its sets are complete all the same. */
    static String databases(JsonNode set) {
        int databases = set.path("databases").asInt();
        int all = set.path("sourceDatabases").asInt();
        return databases + (all > databases ? " of " + all : "");
    }

    /** What a set lacks by intention, or else that it lacks something; empty when it is complete. */
    static String incompleteness(JsonNode set) {
        if (set.path("complete").asBoolean()) {
            return "";
        }
        List<String> omissions = new ArrayList<>();
        set.path("omissions").forEach(omission -> omissions.add(switch (omission.asText()) {
            case "ALL_ROWS" -> "schema only";
            case "DEFINITIONS" -> "data only";
            case "SOME_TABLES" -> "some tables only";
            case "ROWS_OF_TABLES" -> "without the rows of some tables";
            case "SAMPLED" -> "sample";
            case "SOME_DATABASES" -> "some databases only";
            case "UNFINISHED_RESTORE" -> "beside an unfinished restore";
            default -> omission.asText();
        }));
        return " " + (omissions.isEmpty() ? "incomplete" : String.join(", ", omissions));
    }

    static String verified(JsonNode set) {
        if (!set.hasNonNull("verifiedLevel")) {
            return "never";
        }
        String level = set.get("verifiedLevel").asText().toLowerCase(Locale.ROOT);
        return (set.path("verifiedOk").asBoolean() ? level : level + " FAILED") + " "
                + Amounts.instant(set.path("verifiedAt").asText());
    }
}
