package io.dbbackup.store.gcs;

import io.dbbackup.store.web.Bodies;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublisher;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import java.util.TreeMap;

/**
 * One request.
 *
 * @param path below the endpoint, with its query, encoded; or the whole address of a session
 */
record GcsRequest(String method, String path, Map<String, String> headers, BodyPublisher body, long length) {
    static GcsRequest of(String method, String path) {
        return new GcsRequest(method, path, Map.of(), BodyPublishers.noBody(), 0);
    }

    /** @param name of an object; its slashes are no slashes of the path */
    static String object(String bucket, String name) {
        return "/storage/v1/b/" + encoded(bucket) + "/o/" + encoded(name);
    }

    static String objects(String bucket) {
        return "/storage/v1/b/" + encoded(bucket) + "/o";
    }

    static String encoded(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    GcsRequest query(String name, String value) {
        return new GcsRequest(
                method, path + (path.contains("?") ? "&" : "?") + name + "=" + encoded(value), headers, body, length);
    }

    GcsRequest header(String name, String value) {
        Map<String, String> more = new TreeMap<>(headers);
        more.put(name, value);
        return new GcsRequest(method, path, more, body, length);
    }

    GcsRequest body(BodyPublisher publisher) {
        return new GcsRequest(method, path, headers, publisher, publisher.contentLength());
    }

    GcsRequest body(byte[] bytes, int offset, int count) {
        return body(Bodies.of(bytes, offset, count));
    }
}
