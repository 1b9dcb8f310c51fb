package io.dbbackup.store.gcs;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URLDecoder;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.security.KeyPairGenerator;
import java.security.MessageDigest;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * Answers as Google documents them: no server that speaks the JSON API can be installed here. That its answers are not
 * just what our own store expects is seen by rclone, which talks to it through Google's library for Go. It proves
 * nothing about limits, consistency, permissions or retention of the real service.
 */
final class FakeGcs implements AutoCloseable {
    static final String BUCKET = "backups";
    static final String EMAIL = "backup@example.iam.gserviceaccount.com";
    private static final Pattern RANGE = Pattern.compile("bytes (?:(\\d+)-(\\d+)|\\*)/(\\d+|\\*)");

    private static final KeyPair KEYS = keys();

    /** Tokens that are accepted; clear it to revoke them. */
    final List<String> tokens = new CopyOnWriteArrayList<>();
    final AtomicInteger exchanges = new AtomicInteger();
    /** So many chunks are kept only up to a quarter of a MiB. */
    final AtomicInteger shortChunks = new AtomicInteger();
    final List<String> requests = new CopyOnWriteArrayList<>();
    /** Fields of the bucket, and of every object that is looked at. */
    volatile String bucketFields = "{}";
    volatile String objectFields = "{}";
    volatile boolean damage;

    private final TreeMap<String, Stored> objects = new TreeMap<>();
    private final Map<String, Session> sessions = new HashMap<>();
    private final HttpServer server;
    private long generation = 1_700_000_000_000_000L;

    private record Stored(byte[] bytes, JsonNode metadata, long generation, Instant created) {}

    private static final class Session {
        final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        final JsonNode metadata;
        Optional<Stored> done = Optional.empty();

        Session(JsonNode metadata) {
            this.metadata = metadata;
        }
    }

    /** An answer of the API that is no success. */
    private static final class Refusal extends RuntimeException {
        private static final long serialVersionUID = 1L;
        final int status;
        final String reason;

        Refusal(int status, String reason, String message) {
            super(message);
            this.status = status;
            this.reason = reason;
        }
    }

    FakeGcs() throws IOException {
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/", this::handle);
        server.setExecutor(Executors.newCachedThreadPool(task -> {
            Thread thread = new Thread(task, "fake-gcs");
            thread.setDaemon(true);
            return thread;
        }));
        server.start();
    }

    private static KeyPair keys() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(2048);
            return generator.generateKeyPair();
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    int port() {
        return server.getAddress().getPort();
    }

    /** What Google Cloud gives as a file, with our address for tokens. */
    String keyFile() {
        return keyFile(KEYS);
    }

    String strangersKeyFile() {
        return keyFile(keys());
    }

    private String keyFile(KeyPair pair) {
        String pem = "-----BEGIN PRIVATE KEY-----\n"
                + Base64.getMimeEncoder(64, new byte[] {'\n'}).encodeToString(pair.getPrivate().getEncoded())
                + "\n-----END PRIVATE KEY-----\n";
        return GcsJson.object()
                .put("type", "service_account")
                .put("project_id", "example")
                .put("private_key_id", "k1")
                .put("private_key", pem)
                .put("client_email", EMAIL)
                .put("client_id", "1")
                .put("token_uri", "http://127.0.0.1:" + port() + "/token")
                .toString();
    }

    /** Bytes that the unfinished upload of an object has here. */
    synchronized int waiting(String object) {
        return sessions.values().stream()
                .filter(session -> session.metadata.path("name").asText().equals(object) && session.done.isEmpty())
                .mapToInt(session -> session.bytes.size())
                .max()
                .orElse(0);
    }

    synchronized int sessions() {
        return (int) sessions.values().stream().filter(session -> session.done.isEmpty()).count();
    }

    private void handle(HttpExchange exchange) throws IOException {
        byte[] body = exchange.getRequestBody().readAllBytes();
        try {
            synchronized (this) {
                answer(exchange, body);
            }
        } catch (Refusal e) {
            ObjectNode error = GcsJson.object();
            ObjectNode inner = error.putObject("error").put("code", e.status).put("message", e.getMessage());
            inner.putArray("errors").addObject().put("reason", e.reason).put("message", e.getMessage());
            reply(exchange, e.status, GcsJson.bytes(error));
        } catch (RuntimeException e) {
            reply(exchange, 500, String.valueOf(e).getBytes());
        } finally {
            exchange.close();
        }
    }

    private void answer(HttpExchange exchange, byte[] body) throws IOException {
        String method = exchange.getRequestMethod();
        String path = exchange.getRequestURI().getRawPath().replaceFirst("^/(resumable/)?", "/");
        Map<String, String> query = query(exchange.getRequestURI().getRawQuery());
        requests.add(method + " " + exchange.getRequestURI());
        if (path.equals("/token")) {
            token(exchange, body);
            return;
        }
        if (query.containsKey("upload_id")) {
            session(exchange, method, query.get("upload_id"), body);
            return;
        }
        String authorization = String.valueOf(exchange.getRequestHeaders().getFirst("Authorization"));
        if (!authorization.startsWith("Bearer ") || !tokens.contains(authorization.substring(7))) {
            throw new Refusal(401, "authError", "Invalid Credentials");
        }
        // Google's own client leaves /storage/v1 out where the endpoint has it
        Matcher matcher = Pattern.compile("(/upload)?(?:/storage/v1)?/b/([^/]+)(/o(?:/(.+))?)?").matcher(path);
        if (!matcher.matches()) {
            throw new Refusal(404, "notFound", "Not Found");
        }
        if (!BUCKET.equals(decoded(matcher.group(2)))) {
            throw new Refusal(404, "notFound", "The specified bucket does not exist.");
        }
        if (matcher.group(3) == null) {
            reply(exchange, 200, bucketFields.getBytes());
        } else if (matcher.group(1) != null) {
            upload(exchange, query, body);
        } else if (matcher.group(4) == null) {
            list(exchange, query);
        } else {
            object(exchange, method, decoded(matcher.group(4)), query);
        }
    }

    private void token(HttpExchange exchange, byte[] body) throws IOException {
        exchanges.incrementAndGet();
        String assertion = query(new String(body)).getOrDefault("assertion", "");
        String[] parts = assertion.split("\\.");
        JsonNode claims = GcsJson.read(Base64.getUrlDecoder().decode(parts[1]));
        long now = Instant.now().getEpochSecond();
        String wrong = "";
        try {
            Signature signature = Signature.getInstance("SHA256withRSA");
            signature.initVerify(KEYS.getPublic());
            signature.update((parts[0] + "." + parts[1]).getBytes());
            wrong = signature.verify(Base64.getUrlDecoder().decode(parts[2])) ? "" : "Invalid JWT Signature.";
        } catch (GeneralSecurityException e) {
            wrong = "Invalid JWT Signature.";
        }
        if (Math.abs(claims.path("iat").asLong() - now) > 300 || claims.path("exp").asLong() > now + 3900) {
            wrong = "Invalid JWT: Token must be a short-lived token (60 minutes) and in a reasonable timeframe.";
        }
        if (!claims.path("iss").asText().equals(EMAIL) || !claims.path("aud").asText().endsWith("/token")
                || !claims.path("scope").asText().contains("devstorage")) {
            wrong = "Invalid claims.";
        }
        if (!wrong.isEmpty()) {
            reply(exchange, 400, GcsJson.bytes(
                    GcsJson.object().put("error", "invalid_grant").put("error_description", wrong)));
            return;
        }
        String token = "ya29." + UUID.randomUUID();
        tokens.add(token);
        reply(exchange, 200, GcsJson.bytes(
                GcsJson.object().put("access_token", token).put("expires_in", 3599).put("token_type", "Bearer")));
    }

    private void upload(HttpExchange exchange, Map<String, String> query, byte[] body) throws IOException {
        String type = query.getOrDefault("uploadType", "");
        switch (type) {
            case "media" -> reply(exchange, 200, store(
                    GcsJson.object().put("name", query.get("name")), body, query, ""));
            case "multipart" -> {
                String boundary = "--" + exchange.getRequestHeaders()
                        .getFirst("Content-Type")
                        .replaceAll(".*boundary=\"?([^\";]+).*", "$1");
                String text = new String(body, StandardCharsets.ISO_8859_1);
                int first = text.indexOf("\r\n\r\n") + 4;
                int second = text.indexOf("\r\n" + boundary, first);
                int media = text.indexOf("\r\n\r\n", second) + 4;
                int end = text.lastIndexOf("\r\n" + boundary + "--");
                JsonNode metadata = GcsJson.read(text.substring(first, second).getBytes(StandardCharsets.ISO_8859_1));
                byte[] bytes = java.util.Arrays.copyOfRange(body, media, end);
                reply(exchange, 200, store(metadata, bytes, query, metadata.path("crc32c").asText()));
            }
            case "resumable" -> {
                JsonNode metadata = GcsJson.read(body);
                String name = metadata.path("name").asText(query.getOrDefault("name", ""));
                refuseTaken(name, query);
                String id = UUID.randomUUID().toString();
                ((ObjectNode) metadata).put("name", name).put("condition", query.getOrDefault("ifGenerationMatch", ""));
                sessions.put(id, new Session(metadata));
                exchange.getResponseHeaders().add("Location", "http://" + exchange.getRequestHeaders().getFirst("Host")
                        + "/upload/storage/v1/b/" + BUCKET + "/o?uploadType=resumable&upload_id=" + id);
                reply(exchange, 200, new byte[0]);
            }
            default -> throw new Refusal(400, "invalid", "uploadType " + type);
        }
    }

    private void session(HttpExchange exchange, String method, String id, byte[] body) throws IOException {
        Session session = sessions.get(id);
        if (session == null || method.equals("DELETE")) {
            sessions.remove(id);
            reply(exchange, session == null ? 404 : 499, new byte[0]);
            return;
        }
        if (session.done.isPresent()) {
            reply(exchange, 200, json(session.metadata.path("name").asText(), session.done.get()));
            return;
        }
        String header = String.valueOf(exchange.getRequestHeaders().getFirst("Content-Range"));
        Matcher range = RANGE.matcher(header);
        if (!range.matches()) {
            throw new Refusal(400, "invalid", "Content-Range " + header);
        }
        boolean last = !range.group(3).equals("*");
        int held = session.bytes.size();
        if (range.group(1) != null) {
            long first = Long.parseLong(range.group(1));
            if (first > held || Long.parseLong(range.group(2)) - first + 1 != body.length) {
                throw new Refusal(400, "invalid", "Content-Range " + header + " where " + held + " bytes are held");
            }
            if (!last && body.length % GcsSettings.CHUNK != 0) {
                throw new Refusal(400, "invalid", "a chunk is no multiple of 256 KiB");
            }
            int known = (int) (held - first);
            int take = body.length - known;
            if (shortChunks.getAndUpdate(left -> Math.max(0, left - 1)) > 0) {
                take = Math.min(take, GcsSettings.CHUNK);
            }
            if (take > 0) {
                session.bytes.write(body, known, take);
            }
        }
        held = session.bytes.size();
        if (last && Long.parseLong(range.group(3)) == held) {
            String hash = String.valueOf(exchange.getRequestHeaders().getFirst("x-goog-hash"));
            byte[] answer = store(session.metadata, session.bytes.toByteArray(),
                    Map.of("ifGenerationMatch", session.metadata.path("condition").asText()),
                    hash.startsWith("crc32c=") ? hash.substring(7) : "");
            session.done = Optional.of(objects.get(session.metadata.path("name").asText()));
            reply(exchange, 200, answer);
            return;
        }
        if (held > 0) {
            exchange.getResponseHeaders().add("Range", "bytes=0-" + (held - 1));
        }
        // Google's library for Go asks for that: some clients take a 308 for a redirect
        boolean no308 = "yes".equals(exchange.getRequestHeaders().getFirst("X-GUploader-No-308"));
        if (no308) {
            exchange.getResponseHeaders().add("X-HTTP-Status-Code-Override", "308");
        }
        reply(exchange, no308 ? 200 : 308, new byte[0]);
    }

    private void refuseTaken(String name, Map<String, String> query) {
        if ("0".equals(query.get("ifGenerationMatch")) && objects.containsKey(name)) {
            throw new Refusal(412, "conditionNotMet", "At least one of the pre-conditions you specified did not hold.");
        }
    }

    private byte[] store(JsonNode metadata, byte[] bytes, Map<String, String> query, String crc) {
        String name = metadata.path("name").asText(query.getOrDefault("name", ""));
        refuseTaken(name, query);
        if (!crc.isEmpty() && !crc.equals(crc32c(bytes))) {
            throw new Refusal(400, "invalid", "Provided CRC32C \"" + crc + "\" doesn't match calculated CRC32C.");
        }
        Stored stored = new Stored(bytes, metadata, ++generation, Instant.now());
        objects.put(name, stored);
        return json(name, stored);
    }

    private void list(HttpExchange exchange, Map<String, String> query) throws IOException {
        String prefix = query.getOrDefault("prefix", "");
        String delimiter = query.getOrDefault("delimiter", "");
        int most = Math.min(100, Integer.parseInt(query.getOrDefault("maxResults", "100")));
        ObjectNode page = GcsJson.object().put("kind", "storage#objects");
        var items = page.putArray("items");
        TreeMap<String, Boolean> prefixes = new TreeMap<>();
        for (Map.Entry<String, Stored> each : objects.tailMap(query.getOrDefault("pageToken", ""), false).entrySet()) {
            String name = each.getKey();
            if (!name.startsWith(prefix)) {
                continue;
            }
            if (items.size() == most) {
                page.put("nextPageToken", items.get(most - 1).path("name").asText());
                break;
            }
            int end = delimiter.isEmpty() ? -1 : name.indexOf(delimiter, prefix.length());
            if (end >= 0) {
                prefixes.put(name.substring(0, end + 1), true);
            } else {
                items.add(GcsJson.read(json(name, each.getValue())));
            }
        }
        if (!prefixes.isEmpty()) {
            prefixes.keySet().forEach(page.putArray("prefixes")::add);
        }
        if (items.isEmpty()) {
            page.remove("items"); // as Google does
        }
        reply(exchange, 200, GcsJson.bytes(page));
    }

    private void object(HttpExchange exchange, String method, String name, Map<String, String> query) throws IOException {
        Stored stored = objects.get(name);
        boolean other = stored != null && query.containsKey("generation")
                && !query.get("generation").equals(Long.toString(stored.generation()));
        if (stored == null || other) {
            throw new Refusal(404, "notFound", "No such object: " + BUCKET + "/" + name);
        }
        if (method.equals("DELETE")) {
            if (objectFields.contains("retention") || objectFields.contains("Hold")) {
                throw new Refusal(403, "retentionPolicyNotMet", "Object '" + BUCKET + "/" + name + "' is subject to bucket's"
                        + " retention policy or object retention and cannot be deleted or overwritten");
            }
            objects.remove(name);
            reply(exchange, 204, new byte[0]);
        } else if ("media".equals(query.get("alt"))) {
            media(exchange, stored);
        } else {
            reply(exchange, 200, json(name, stored));
        }
    }

    private void media(HttpExchange exchange, Stored stored) throws IOException {
        exchange.getResponseHeaders().add("x-goog-generation", Long.toString(stored.generation()));
        exchange.getResponseHeaders().add("x-goog-hash", "crc32c=" + crc32c(stored.bytes()));
        String range = exchange.getRequestHeaders().getFirst("Range");
        int from = range == null ? 0 : Integer.parseInt(range.replaceAll("bytes=(\\d+)-.*", "$1"));
        if (range != null && from >= stored.bytes().length) {
            throw new Refusal(416, "requestedRangeNotSatisfiable", "Request range not satisfiable");
        }
        byte[] bytes = java.util.Arrays.copyOfRange(stored.bytes(), from, stored.bytes().length);
        if (range != null) {
            exchange.getResponseHeaders().add("Content-Range",
                    "bytes " + from + "-" + (stored.bytes().length - 1) + "/" + stored.bytes().length);
        }
        reply(exchange, range == null ? 200 : 206, bytes);
    }

    private byte[] json(String name, Stored stored) {
        ObjectNode json = GcsJson.object()
                .put("kind", "storage#object")
                .put("bucket", BUCKET)
                .put("name", name)
                .put("size", Integer.toString(stored.bytes().length))
                .put("generation", Long.toString(stored.generation()))
                .put("metageneration", "1")
                .put("contentType", stored.metadata().path("contentType").asText("application/octet-stream"))
                .put("crc32c", damage ? "AAAAAA==" : crc32c(stored.bytes()))
                .put("md5Hash", md5(stored.bytes()))
                .put("mediaLink", "http://127.0.0.1:" + port() + GcsRequest.object(BUCKET, name) + "?alt=media")
                .put("timeCreated", stored.created().toString())
                .put("updated", stored.created().toString());
        if (stored.metadata().has("metadata")) {
            json.set("metadata", stored.metadata().get("metadata"));
        }
        if (stored.metadata().has("retention")) {
            json.set("retention", stored.metadata().get("retention"));
        }
        json.setAll((ObjectNode) GcsJson.read(objectFields.getBytes()));
        return GcsJson.bytes(json);
    }

    private static String crc32c(byte[] bytes) {
        CRC32C crc = new CRC32C();
        crc.update(bytes);
        return Base64.getEncoder().encodeToString(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }

    private static String md5(byte[] bytes) {
        try {
            return Base64.getEncoder().encodeToString(MessageDigest.getInstance("MD5").digest(bytes));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Map<String, String> query(String text) {
        Map<String, String> query = new HashMap<>();
        for (String pair : text == null ? new String[0] : text.split("&")) {
            int equals = pair.indexOf('=');
            if (equals > 0) {
                query.put(decoded(pair.substring(0, equals)), decoded(pair.substring(equals + 1)));
            }
        }
        return query;
    }

    private static String decoded(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    private static void reply(HttpExchange exchange, int status, byte[] body) throws IOException {
        exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
        if (body.length > 0) {
            exchange.getResponseBody().write(body);
        }
    }

    @Override
    public void close() {
        server.stop(0);
    }
}
