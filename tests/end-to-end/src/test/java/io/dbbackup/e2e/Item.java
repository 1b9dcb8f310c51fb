package io.dbbackup.e2e;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A work item of a run as REST shows it.
 *
 * @param key names it within its run
 * @param database empty for work on the cluster as a whole
 * @param attempts how often a worker has begun it
 * @param ended when it was finished; empty while it is not
 */
record Item(String key, String kind, String database, String state, int attempts, String ended) {

    static Item of(JsonNode json) {
        return new Item(json.path("key").asText(), json.path("kind").asText(), json.path("database").asText(""),
                json.path("state").asText(), json.path("attempts").asInt(), json.path("endedAt").asText(""));
    }

    boolean done() {
        return state.equals("DONE");
    }
}
