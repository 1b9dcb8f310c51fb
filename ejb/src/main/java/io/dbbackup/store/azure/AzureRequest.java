package io.dbbackup.store.azure;

import java.util.Map;
import java.util.TreeMap;

/**
 * One request, before it is dated and signed.
 *
 * @param key name in the container; empty: the container itself
 * @param headers by lower-case name
 * @param body its first {@code length} bytes are sent
 */
record AzureRequest(
        String method, String key, Map<String, String> query, Map<String, String> headers, byte[] body, int length) {
    static AzureRequest of(String method, String key) {
        return new AzureRequest(method, key, Map.of(), Map.of(), new byte[0], 0);
    }

    AzureRequest query(String name, String value) {
        return new AzureRequest(method, key, with(query, name, value), headers, body, length);
    }

    AzureRequest header(String name, String value) {
        return new AzureRequest(method, key, query, with(headers, name, value), body, length);
    }

    AzureRequest body(byte[] bytes, int count) {
        return new AzureRequest(method, key, query, headers, bytes, count);
    }

    private static Map<String, String> with(Map<String, String> map, String name, String value) {
        Map<String, String> more = new TreeMap<>(map);
        more.put(name, value);
        return more;
    }
}
