package io.dbbackup.rest.run;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import java.util.Iterator;
import java.util.Map;
import java.util.TreeMap;

/** The body of a start: {@code {"parameters": {"policy": "nightly", "databases": ["a", "b"]}}}. */
public final class StartRequest {
    private StartRequest() {}

    /** Parameters as the plain strings that every way in gives; lists and maps become JSON. */
    static Map<String, String> parameters(JsonNode body) {
        if (body == null || body.isMissingNode() || body.isNull()) {
            return Map.of();
        }
        if (!body.isObject()) {
            throw invalid("the body is not an object");
        }
        for (Iterator<String> names = body.fieldNames(); names.hasNext();) {
            String name = names.next();
            if (!name.equals("parameters")) {
                throw invalid("the body has a field \"" + name + "\"");
            }
        }
        JsonNode parameters = body.path("parameters");
        if (!parameters.isObject() && !parameters.isMissingNode()) {
            throw invalid("parameters is not an object");
        }
        return plain(parameters);
    }

    /** The fields of an object as plain strings; none for what is no object. */
    public static Map<String, String> plain(JsonNode object) {
        Map<String, String> values = new TreeMap<>();
        if (object == null || !object.isObject()) {
            return values;
        }
        object.properties().forEach(field -> {
            JsonNode value = field.getValue();
            if (!value.isNull()) {
                values.put(field.getKey(), value.isContainerNode() ? Json.write(value) : value.asText());
            }
        });
        return values;
    }

    private static BackupException invalid(String cause) {
        return new BackupException(
                ErrorCode.INVALID_REQUEST, cause, "Send {\"parameters\": {\"name\": \"value\"}} and nothing else.");
    }
}
