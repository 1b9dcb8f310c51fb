package io.dbbackup.store.azure;

import io.dbbackup.store.upload.PartUpload;
import io.dbbackup.store.web.RefusedException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/**
 * The requests that write one blob: Put Block and Put Block List, or one Put Blob. Every piece goes with its MD5, which
 * Azure compares; the blob carries the id of its writer, so that a repeated request can tell "I was here before" from
 * "somebody else was". The waiting blocks of an upload are found by their ids, which begin with the id of the writer.
 */
final class BlockUpload implements PartUpload<String> {
    /** Names of metadata, which must be identifiers. */
    static final String WRITER = "dbbackup_writer";
    static final String DISCARDED = "dbbackup_discarded";

    private final AzureUploads uploads;
    private final AzureSettings settings;
    private final String name;
    private final String key;
    private final UploadId id;

    BlockUpload(AzureUploads uploads, String name, UploadId id) {
        this.uploads = uploads;
        this.settings = uploads.settings;
        this.name = name;
        this.key = uploads.keys.key(name);
        this.id = id;
    }

    @Override
    public String name() {
        return name;
    }

    /** Azure is not asked: the first block begins an upload. */
    @Override
    public String begin() {
        uploads.began(id);
        return id.toString();
    }

    @Override
    public String token(String upload) {
        return upload;
    }

    @Override
    public String part(String upload, int number, byte[] bytes, int length) {
        String block = id.block(number);
        uploads.client.send(AzureRequest.of("PUT", key)
                .query("comp", "block")
                .query("blockid", block)
                .header("content-md5", md5(bytes, length))
                .body(bytes, length));
        return block;
    }

    @Override
    public void put(byte[] bytes, int length) {
        publish(length, AzureRequest.of("PUT", key)
                .header("x-ms-blob-type", "BlockBlob")
                .header("content-md5", md5(bytes, length))
                .body(bytes, length));
    }

    @Override
    public void complete(String upload, List<String> blocks, byte[] rest, int restLength, long bytes) {
        publish(bytes, list(key, blocks));
    }

    /** Put Block List: the blob consists of these, and blocks that are not among them are gone. */
    static AzureRequest list(String key, List<String> blocks) {
        StringBuilder list = new StringBuilder("<?xml version=\"1.0\" encoding=\"utf-8\"?><BlockList>");
        blocks.forEach(block -> list.append("<Uncommitted>").append(block).append("</Uncommitted>"));
        byte[] body = list.append("</BlockList>").toString().getBytes(StandardCharsets.US_ASCII);
        return AzureRequest.of("PUT", key)
                .query("comp", "blocklist")
                .header("x-ms-blob-content-type", "application/octet-stream")
                .body(body, body.length);
    }

    /** A created blob is as its request was; what became of a list of blocks, or of a lost answer, is looked at. */
    private void publish(long bytes, AzureRequest bare) {
        AzureRequest request = bare.header("if-none-match", "*")
                .header("x-ms-meta-" + WRITER, id.toString());
        if (settings.accessTier().isPresent()) {
            request = request.header("x-ms-access-tier", settings.accessTier().get());
        }
        if (settings.lockDays().isPresent()) {
            request = request.header("x-ms-immutability-policy-until-date", uploads.lockedUntil())
                    .header("x-ms-immutability-policy-mode", settings.lockMode());
        }
        try {
            uploads.client.send(request);
            if (!request.query().containsKey("comp")) {
                return;
            }
        } catch (RefusedException e) {
            boolean taken = e.status() == 409 || e.status() == 412;
            boolean blocksGone = e.code().equals("InvalidBlockList");
            if (!taken && !blocksGone) {
                throw e;
            }
            Optional<AzureObjects.Head> there = uploads.objects.look(key);
            // if it is ours the answer to an earlier attempt was lost
            if (there.filter(this::isOurs).isEmpty()) {
                throw taken || there.isPresent() ? uploads.failures.exists(name, e) : e;
            }
        }
        AzureObjects.Head stored = uploads.objects.look(key)
                .orElseThrow(() -> uploads.failures.unlike(
                        "writing " + name, "the blob is not there although it was accepted"));
        if (!isOurs(stored)) {
            throw uploads.failures.exists(name, null);
        }
        if (stored.bytes() != bytes) {
            uploads.objects.deleteQuietly(key);
            throw uploads.failures.unlike(
                    "writing " + name, "the blob has " + stored.bytes() + " bytes instead of " + bytes);
        }
    }

    private boolean isOurs(AzureObjects.Head blob) {
        return blob.writer().filter(id.toString()::equals).isPresent();
    }

    @Override
    public void abort(String upload) {
        uploads.discard(key, id);
    }

    @Override
    public void removeIfOurs() {
        if (uploads.objects.look(key).filter(this::isOurs).isPresent()) {
            uploads.objects.delete(key);
        }
    }

    @Override
    public void ended(String upload) {
        uploads.ended(id);
    }

    private static String md5(byte[] bytes, int length) {
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(bytes, 0, length);
            return Base64.getEncoder().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
