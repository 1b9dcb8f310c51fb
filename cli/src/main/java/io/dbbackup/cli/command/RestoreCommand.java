package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.client.ApiException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** Restores a backup set. */
@Command(name = "restore", description = "Restore a whole backup set or chosen databases into a server.")
public final class RestoreCommand extends RunCommand {
    private static final String QUOTED = "\"(?:[^\"]|\"\")+\"";
    /** NAME or NAME=NEW; names of databases may hold anything, an equals sign too. */
    private static final Pattern RENAME = Pattern.compile("(?s)(" + QUOTED + "|[^\"=][^=]*)(?:=(.+))?");

    /** What to do with roles and tablespaces. */
    enum Globals {
        MISSING,
        ALL,
        NONE;

        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    @Parameters(paramLabel = "SET", description = "Backup set, or latest:SOURCE.")
    private String set;

    @Option(names = "--target", required = true, paramLabel = "NAME", description = "Source that is restored into.")
    private String target;

    @Option(
            names = "--database",
            paramLabel = "NAME[=NEW]",
            description = "Only this database, optionally under a new name; may be repeated. A NAME with = is in double"
                    + " quotes: '\"a=b\"=new'.")
    private List<String> databases = new ArrayList<>();

    @Option(names = "--clean", description = "Replace existing databases whose names are confirmed.")
    private boolean clean;

    @Option(
            names = "--confirm",
            paramLabel = "NAME",
            description = "Name of an existing database on the target that may be replaced; may be repeated.")
    private List<String> confirmed = new ArrayList<>();

    @Option(names = "--globals", paramLabel = "WHICH", description = "Roles and tablespaces: ${COMPLETION-CANDIDATES}.")
    private Globals globals;

    @Option(
            names = "--map-tablespace",
            paramLabel = "OLD=NEW",
            description = "Objects of tablespace OLD go into the target's tablespace NEW; may be repeated.")
    private Map<String, String> tablespaces = new LinkedHashMap<>();

    @Option(names = "--no-tablespaces", description = "Everything goes into the target's default tablespace.")
    private boolean noTablespaces;

    @Option(names = "--owners", negatable = true, description = "Whether objects get their original owners back.")
    private Boolean owners;

    @Option(
            names = "--definer",
            paramLabel = "USER@HOST",
            description = "MySQL, MariaDB: views, routines, triggers and events act as this account instead of their own.")
    private String definer;

    @Option(
            names = "--suspend-triggers",
            description = "MySQL, MariaDB, rows alone: drop the triggers of the tables that would fire, and create them again as"
                    + " they were when the rows are in. What others write meanwhile does not fire them.")
    private boolean suspendTriggers;

    @Option(names = "--compare", negatable = true, description = "Whether every restored table is compared with the set.")
    private Boolean compare;

    @Option(names = "--on-error", paramLabel = "WHAT", description = "When a database fails: ${COMPLETION-CANDIDATES}.")
    private OnError onError;

    @Mixin
    private StoreOptions.OfSet stores;

    @Mixin
    private HookOptions hooks;

    @Mixin
    private JobOptions job;

    public RestoreCommand(Shared shared) {
        super(shared);
    }

    @Override
    JsonNode begin() {
        if (!clean && !confirmed.isEmpty()) {
            throw ApiException.usage("--confirm is given without --clean", "Give --clean as well, or leave --confirm out.");
        }
        Map<String, String> names = names();
        Optional<String> store = stores.store(this, Optional.of(set), Optional.empty());
        if (clean && confirmed.isEmpty()) {
            confirmed = askFor(names.isEmpty() ? databasesOfSet(store) : names.values());
        }
        ObjectNode parameters = ApiClient.JSON.createObjectNode();
        put(parameters, "set", set);
        put(parameters, "store", store.orElse(null));
        put(parameters, "target", target);
        if (!names.isEmpty()) {
            parameters.set("databases", ApiClient.JSON.valueToTree(names));
        }
        put(parameters, "clean", clean ? true : null);
        putList(parameters, "confirm", confirmed);
        put(parameters, "globals", globals);
        if (!tablespaces.isEmpty()) {
            parameters.set("mapTablespaces", ApiClient.JSON.valueToTree(tablespaces));
        }
        put(parameters, "noTablespaces", noTablespaces ? true : null);
        put(parameters, "owners", owners);
        put(parameters, "definer", definer);
        put(parameters, "suspendTriggers", suspendTriggers ? true : null);
        put(parameters, "compare", compare);
        put(parameters, "onError", onError);
        hooks.into(parameters);
        job.into(parameters);
        return start("restore", parameters, job.key());
    }

    /** Name in the set to name on the target. */
    private Map<String, String> names() {
        Map<String, String> names = new LinkedHashMap<>();
        for (String given : databases) {
            Matcher rename = RENAME.matcher(given);
            String from = rename.matches() ? unquoted(rename.group(1)) : "";
            if (from.isEmpty()
                    || names.putIfAbsent(from, rename.group(2) == null ? from : unquoted(rename.group(2))) != null) {
                throw ApiException.usage("--database is " + given,
                        "Give NAME or NAME=NEW, each database once; a NAME with = or a double quote at its beginning in double"
                                + " quotes, and quotes in there twice.");
            }
        }
        return names;
    }

    private static String unquoted(String name) {
        return name.matches("(?s)" + QUOTED) ? name.substring(1, name.length() - 1).replace("\"\"", "\"") : name;
    }

    private List<String> databasesOfSet(Optional<String> store) {
        List<String> names = new ArrayList<>();
        api().get("/sets/" + ApiClient.segment(set), store.map(name -> Map.of("store", name)).orElse(Map.of()), "databases")
                .path("databases")
                .forEach(database -> names.add(database.path("name").asText()));
        return names;
    }

    private List<String> askFor(Collection<String> names) {
        List<String> answers = new ArrayList<>();
        for (String name : names) {
            Optional<String> answer = shared.terminal()
                    .ask("Type " + name + " to replace that database on " + target + " if it exists: ");
            if (answer.isEmpty() || !answer.get().strip().equals(name)) {
                throw new ApiException(
                        "CONFIRMATION_REQUIRED",
                        "replacing the database \"" + name + "\" on " + target + " was not confirmed",
                        "Give --confirm with the name of each database that may be replaced, or leave --clean out.",
                        64);
            }
            answers.add(name);
        }
        return answers;
    }
}
