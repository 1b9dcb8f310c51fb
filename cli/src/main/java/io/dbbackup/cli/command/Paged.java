package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.client.ApiException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads lists page by page. */
public final class Paged {
    private static final int PAGE = 200;
    private static final Pattern AFTER = Pattern.compile("[?&]after=([^&]*)");

    private Paged() {}

    /**
     * At most {@code limit} items.
     *
     * @throws ApiException of the usage when that is less than one
     */
    public static ArrayNode read(ApiClient api, String path, Map<String, String> query, int limit) {
        if (limit < 1) {
            throw ApiException.usage("--limit is " + limit, "Give a number from 1 on.");
        }
        ArrayNode items = ApiClient.JSON.createArrayNode();
        Map<String, String> page = new LinkedHashMap<>(query);
        while (items.size() < limit) {
            page.put("limit", Integer.toString(Math.min(PAGE, limit - items.size())));
            JsonNode answer = api.get(path, page, "items");
            answer.path("items").forEach(items::add);
            Matcher after = AFTER.matcher(answer.path("next").asText(""));
            if (!after.find()) {
                return items;
            }
            page.put("after", java.net.URLDecoder.decode(after.group(1), java.nio.charset.StandardCharsets.UTF_8));
        }
        return items;
    }
}
