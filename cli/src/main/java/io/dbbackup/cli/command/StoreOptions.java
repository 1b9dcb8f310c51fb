package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.client.ApiException;
import io.dbbackup.cli.text.ImportText;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which copy of a set is meant: one of those that the catalog knows, or what a store holds that it may not know yet. */
abstract class StoreOptions {
    static final String FROM = "Name of a store, or its URL (s3://bucket/prefix, gs://bucket/prefix,"
            + " azure://container/prefix?account=NAME, sftp://user@host/path, file:///path); more"
            + " settings as ?name=value, secrets only as references: ?secret_access_key_file=/path.";
    private static final String LATEST = "latest:";

    private String store;

    @Option(
            names = "--from",
            paramLabel = "STORE",
            description = "Straight from this store: registers it if it is a URL, imports its sets into the catalog, then goes"
                    + " on. " + FROM)
    private String from;

    /** Where one set is named. */
    static final class OfSet extends StoreOptions {
        @Option(names = "--store", paramLabel = "NAME", description = "The copy in this store (default: the first healthy one).")
        void choose(String name) {
            chosen(name);
        }
    }

    /** Where none is. */
    static final class OfList extends StoreOptions {
        @Option(
                names = "--store",
                paramLabel = "NAME",
                description = "Only sets that have a copy in this store, with what is known of that copy (default: all sets, each with its"
                        + " first healthy copy).")
        void choose(String name) {
            chosen(name);
        }
    }

    final void chosen(String name) {
        store = name;
    }

    /**
     * Imports if that is asked for, and says so.
     *
     * @param reference set, latest:SOURCE, or empty for everything
     * @return the store to use, if one was chosen
     */
    Optional<String> store(ApiCommand command, Optional<String> reference, Optional<String> source) {
        if (from == null) {
            return Optional.ofNullable(store);
        }
        if (store != null) {
            throw ApiException.usage("--store and --from are both given", "Give one of them.");
        }
        ObjectNode body = ApiClient.JSON.createObjectNode();
        body.put("from", from);
        Optional<String> latest = reference.filter(set -> set.startsWith(LATEST)).map(set -> set.substring(LATEST.length()));
        source.or(() -> latest).ifPresent(name -> body.put("source", name));
        reference.filter(set -> !set.startsWith(LATEST)).ifPresent(set -> body.put("set", set));
        JsonNode report = command.api().post("/catalog/imports", Map.of(), body, Map.of(), "store");
        ImportText.summary(command.err(), report);
        if (latest.isPresent() && report.path("refused").asLong() + report.path("skipped").asLong() > 0) {
            command.err().println("WARNING: " + reference.orElseThrow() + " means the newest of the other sets in store "
                    + report.path("store").asText() + ": those that were refused or are in work may be newer");
        }
        return Optional.of(report.path("store").asText());
    }
}
