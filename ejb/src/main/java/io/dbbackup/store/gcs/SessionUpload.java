package io.dbbackup.store.gcs;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.dbbackup.store.upload.PartUpload;
import io.dbbackup.store.web.Answer;
import io.dbbackup.store.web.Bodies;
import io.dbbackup.store.web.RefusedException;
import java.net.URI;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.zip.CRC32C;

/**
 * The requests that write one object: chunks into a resumable session one after the other, or one request with all. The
 * object is created only if none has its name ({@code ifGenerationMatch=0}), its CRC32C goes with the last request and
 * is compared with the answer, and it carries the id of its writer, so that a repeated request can tell "I was here
 * before" from "somebody else was". Parts are sent by one thread at a time.
 */
final class SessionUpload implements PartUpload<Long> {
    static final String WRITER = "dbbackup-writer";

    private static final Pattern PERSISTED = Pattern.compile("bytes=0-(\\d{1,18})");
    private static final int VAIN_ATTEMPTS = 5;

    private final GcsUploads uploads;
    private final GcsSettings settings;
    private final String name;
    private final String object;
    private final String writer;
    /** Of everything that was sent; not of what another process sent before us. */
    private final CRC32C crc = new CRC32C();
    private final boolean whole;
    private final Optional<String> token;
    private long sent;
    private String sealed;

    SessionUpload(GcsUploads uploads, String name) {
        this(uploads, name, UUID.randomUUID().toString(), Optional.empty(), 0);
    }

    /** Goes on with a session that holds so many bytes. */
    SessionUpload(GcsUploads uploads, String name, String writer, Optional<String> token, long sent) {
        this.uploads = uploads;
        this.settings = uploads.settings;
        this.name = name;
        this.object = settings.prefix() + name;
        this.writer = writer;
        this.whole = token.isEmpty();
        this.token = token;
        this.sent = sent;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String begin() {
        byte[] metadata = GcsJson.bytes(metadata());
        GcsRequest request = GcsRequest.of("POST", "/upload" + GcsRequest.objects(settings.bucket()))
                .query("uploadType", "resumable")
                .query("ifGenerationMatch", "0")
                .header("Content-Type", "application/json; charset=UTF-8")
                .header("X-Upload-Content-Type", "application/octet-stream")
                .body(metadata, 0, metadata.length);
        String session;
        try {
            session = uploads.client.send(request).header("location").orElse("");
        } catch (RefusedException e) {
            throw e.status() == 412 ? uploads.failures.exists(name, e) : e;
        }
        URI address = URI.create(session);
        // data goes there without any further check: it has to be a place that our connection vouches for
        if (!settings.endpoint().getScheme().equals(address.getScheme()) || address.getHost() == null) {
            throw uploads.failures.unlike("writing " + name, "it gave no session to upload to");
        }
        return session;
    }

    @Override
    public String token(String session) {
        if (sealed == null) { // only whoever writes the blob asks
            sealed = token.orElseGet(() -> uploads.seal.seal(writer + " " + session, name));
        }
        return sealed;
    }

    @Override
    public Long part(String session, int number, byte[] bytes, int length) {
        crc.update(bytes, 0, length);
        push(session, bytes, length, "*");
        return sent;
    }

    @Override
    public boolean restCompletes() {
        return true;
    }

    @Override
    public void complete(String session, List<Long> parts, byte[] rest, int restLength, long bytes) {
        crc.update(rest, 0, restLength);
        GcsObjects.Found stored;
        try {
            stored = push(session, rest, restLength, Long.toString(bytes))
                    .orElseThrow(() -> uploads.failures.unlike("writing " + name, "it wants more than there is"));
        } catch (RefusedException e) {
            if (e.status() != 412 && e.status() != 404 && e.status() != 410 && e.status() != 499) {
                throw e;
            }
            // an earlier attempt, or a process that went on with this session, may have ended it
            stored = ours().orElseThrow(() -> e.status() == 412 ? uploads.failures.exists(name, e) : gone(e));
        }
        check(stored, bytes);
    }

    /**
     * Sends until the session has taken everything.
     *
     * @param total size of the object, or a star as long as more is to come
     * @return the object when it is complete
     */
    private Optional<GcsObjects.Found> push(String session, byte[] bytes, int length, String total) {
        long end = sent + length;
        long begin = sent;
        for (int vain = 0; ; ) {
            int offset = (int) (sent - begin);
            String range = sent == end ? "*" : sent + "-" + (end - 1);
            GcsRequest request = GcsRequest.of("PUT", session)
                    .header("Content-Range", "bytes " + range + "/" + total)
                    .body(bytes, offset, length - offset);
            boolean last = !total.equals("*");
            Answer answer = uploads.client.session(
                    last && whole ? request.header("x-goog-hash", "crc32c=" + crc()) : request);
            if (answer.status() != 308) {
                return Optional.of(new GcsObjects.Found(GcsJson.read(GcsClient.checked(answer).body())));
            }
            long held = persisted(answer);
            if (held < begin || held > end) {
                throw uploads.failures.unlike(
                        "writing " + name, "it holds " + held + " bytes where " + sent + " were sent");
            }
            vain = held > sent ? 0 : vain + 1;
            sent = held;
            if (sent == end && !last) {
                return Optional.empty();
            }
            if (vain == VAIN_ATTEMPTS) {
                throw uploads.failures.unlike("writing " + name, "it takes no more than " + held + " bytes");
            }
        }
    }

    /** Bytes that a session has, by its answer 308. */
    static long persisted(Answer answer) {
        Matcher matcher = PERSISTED.matcher(answer.header("range").orElse(""));
        return matcher.matches() ? Long.parseLong(matcher.group(1)) + 1 : 0;
    }

    @Override
    public void put(byte[] bytes, int length) {
        crc.update(bytes, 0, length);
        String boundary = "dbbackup-" + UUID.randomUUID();
        ObjectNode metadata = metadata().put("crc32c", crc());
        String head = "--" + boundary + "\r\nContent-Type: application/json; charset=UTF-8\r\n\r\n"
                + new String(GcsJson.bytes(metadata), StandardCharsets.UTF_8) + "\r\n--" + boundary
                + "\r\nContent-Type: application/octet-stream\r\n\r\n";
        GcsObjects.Found stored;
        try {
            stored = new GcsObjects.Found(uploads.client.json(
                    GcsRequest.of("POST", "/upload" + GcsRequest.objects(settings.bucket()))
                            .query("uploadType", "multipart")
                            .query("ifGenerationMatch", "0")
                            .header("Content-Type", "multipart/related; boundary=" + boundary)
                            .body(BodyPublishers.concat(
                                    BodyPublishers.ofString(head),
                                    Bodies.of(bytes, 0, length),
                                    BodyPublishers.ofString("\r\n--" + boundary + "--\r\n")))));
        } catch (RefusedException e) {
            if (e.status() != 412) {
                throw e;
            }
            stored = ours().orElseThrow(() -> uploads.failures.exists(name, e));
        }
        check(stored, length);
    }

    private ObjectNode metadata() {
        ObjectNode metadata = GcsJson.object().put("name", object).put("contentType", "application/octet-stream");
        metadata.putObject("metadata").put(WRITER, writer);
        settings.storageClass().ifPresent(each -> metadata.put("storageClass", each));
        settings.kmsKeyId().ifPresent(each -> metadata.put("kmsKeyName", each));
        uploads.lockedUntil().ifPresent(date -> metadata.putObject("retention")
                .put("mode", settings.lockMode())
                .put("retainUntilTime", date.toString()));
        return metadata;
    }

    private void check(GcsObjects.Found stored, long bytes) {
        boolean same = stored.bytes() == bytes && (!whole || stored.crc32c().isEmpty() || stored.crc32c().equals(crc()));
        if (!same) {
            uploads.objects.deleteQuietly(object);
            throw uploads.failures.unlike("writing " + name, "the object has " + stored.bytes() + " bytes and the CRC32C "
                    + stored.crc32c() + " instead of " + bytes + " and " + crc());
        }
    }

    /** The object under our name, if we wrote it. */
    private Optional<GcsObjects.Found> ours() {
        return uploads.objects.look(object).filter(found -> found.writer().equals(writer));
    }

    private RuntimeException gone(RefusedException e) {
        return uploads.objects.look(object).isPresent()
                ? uploads.failures.exists(name, e)
                : uploads.failures.failure(
                        io.dbbackup.model.ErrorCode.STORE_IO, "writing " + name, "the upload session is gone",
                        "Restart the run; sessions end after a week.", e);
    }

    private String crc() {
        return Base64.getEncoder().encodeToString(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }

    /** Google answers 499 when it has forgotten the session. */
    @Override
    public void abort(String session) {
        uploads.client.session(GcsRequest.of("DELETE", session));
    }

    @Override
    public void removeIfOurs() {
        if (ours().isPresent()) {
            uploads.objects.delete(object);
        }
    }

    @Override
    public void ended(String session) {
        // nobody else sees sessions, so none has to be spared
    }
}
