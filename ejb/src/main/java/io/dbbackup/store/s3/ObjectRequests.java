package io.dbbackup.store.s3;

import io.dbbackup.model.BackupException;
import io.dbbackup.store.upload.PartUpload;
import io.dbbackup.store.upload.RequestGroup;
import java.io.ByteArrayInputStream;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import java.util.zip.CRC32C;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.sync.RequestBody;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.CreateMultipartUploadRequest;
import software.amazon.awssdk.services.s3.model.HeadObjectResponse;
import software.amazon.awssdk.services.s3.model.PutObjectRequest;
import software.amazon.awssdk.services.s3.model.UploadPartRequest;
import software.amazon.awssdk.services.s3.model.UploadPartResponse;

/**
 * The requests that write one object. Every piece goes with a check value that the store must compare (a CRC32C, or its
 * SHA-256 as part of the signature; Content-MD5 too where object lock asks for it); the object carries the id of its
 * writer, so that a repeated request can tell "I was here before" from "somebody else was".
 */
final class ObjectRequests implements PartUpload<CompletedPart> {
    private static final String WRITER = "dbbackup-writer";
    private static final int CONFLICT_ATTEMPTS = 3;
    /** Names being published without the store's help: protects against writers of this JVM. */
    private static final Set<String> BUSY = ConcurrentHashMap.newKeySet();

    private final Uploads uploads;
    private final S3Settings settings;
    private final String name;
    private final String key;
    private final String writer;
    private final boolean checksums;

    ObjectRequests(Uploads uploads, String name, String writer, boolean checksums) {
        this.uploads = uploads;
        this.settings = uploads.settings;
        this.name = name;
        this.key = settings.prefix() + name;
        this.writer = writer;
        this.checksums = checksums;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public String token(String uploadId) {
        return writer + "/" + uploadId;
    }

    @Override
    public String begin() {
        CreateMultipartUploadRequest.Builder request = CreateMultipartUploadRequest.builder()
                .bucket(settings.bucket())
                .key(key)
                .metadata(Map.of(WRITER, writer))
                .contentType("application/octet-stream")
                .storageClass(settings.storageClass().orElse(null))
                .serverSideEncryption(settings.sse().orElse(null))
                .ssekmsKeyId(settings.kmsKeyId().orElse(null))
                .checksumAlgorithm(checksums ? ChecksumAlgorithm.CRC32_C : null);
        uploads.lockedUntil()
                .ifPresent(date -> request.objectLockMode(settings.lockMode()).objectLockRetainUntilDate(date));
        String id = uploads.client.createMultipartUpload(request.build()).uploadId();
        uploads.began(id);
        return id;
    }

    @Override
    public CompletedPart part(String uploadId, int number, byte[] bytes, int length) {
        String crc = checksums ? crc32c(bytes, length) : null;
        UploadPartResponse stored = uploads.client.uploadPart(
                UploadPartRequest.builder()
                        .bucket(settings.bucket())
                        .key(key)
                        .uploadId(uploadId)
                        .partNumber(number)
                        .checksumCRC32C(crc)
                        .contentMD5(md5(bytes, length))
                        .build(),
                body(bytes, length));
        if (crc != null && stored.checksumCRC32C() != null && !crc.equals(stored.checksumCRC32C())) {
            throw unlike("part " + number + " has another checksum there than here");
        }
        return CompletedPart.builder().partNumber(number).eTag(stored.eTag()).checksumCRC32C(crc).build();
    }

    @Override
    public void put(byte[] bytes, int length) {
        PutObjectRequest.Builder request = PutObjectRequest.builder()
                .bucket(settings.bucket())
                .key(key)
                .metadata(Map.of(WRITER, writer))
                .contentType("application/octet-stream")
                .storageClass(settings.storageClass().orElse(null))
                .serverSideEncryption(settings.sse().orElse(null))
                .ssekmsKeyId(settings.kmsKeyId().orElse(null))
                .checksumCRC32C(checksums ? crc32c(bytes, length) : null)
                .contentMD5(md5(bytes, length));
        uploads.lockedUntil()
                .ifPresent(date -> request.objectLockMode(settings.lockMode()).objectLockRetainUntilDate(date));
        publish(length, condition -> uploads.client
                .putObject(request.ifNoneMatch(condition).build(), body(bytes, length))
                .eTag());
    }

    @Override
    public void complete(String uploadId, List<CompletedPart> parts, byte[] rest, int restLength, long bytes) {
        publish(bytes, condition -> uploads.client
                .completeMultipartUpload(request -> request.bucket(settings.bucket())
                        .key(key)
                        .uploadId(uploadId)
                        .ifNoneMatch(condition)
                        .multipartUpload(list -> list.parts(parts)))
                .eTag());
    }

    @Override
    public void abort(String uploadId) {
        uploads.client.abortMultipartUpload(
                request -> request.bucket(settings.bucket()).key(key).uploadId(uploadId));
    }

    @Override
    public void ended(String uploadId) {
        uploads.ended(uploadId);
    }

    @Override
    public RequestGroup newGroup() {
        return new Calls();
    }

    @Override
    public void removeIfOurs() {
        if (uploads.objects.look(key).filter(this::isOurs).isPresent()) {
            uploads.objects.delete(key);
        }
    }

    /** @param request takes the condition (or null) and returns the ETag */
    private void publish(long bytes, Function<String, String> request) {
        String etag = uploads.facts.trustsCreateOnly() ? createOnly(request) : lookThenWrite(request);
        HeadObjectResponse stored = uploads.objects.look(key)
                .orElseThrow(() -> unlike("the object is not there although it was accepted"));
        if (!isOurs(stored) && stored.metadata().containsKey(WRITER)) {
            throw uploads.failures.exists(name, null);
        }
        boolean same = stored.contentLength() == bytes
                && (etag.isEmpty() || stored.eTag() == null || etag.equals(stored.eTag()));
        if (!same) {
            uploads.objects.deleteQuietly(key);
            throw unlike("the object has " + stored.contentLength() + " bytes and ETag " + stored.eTag()
                    + " instead of " + bytes + " and " + etag);
        }
    }

    private String createOnly(Function<String, String> request) {
        for (int attempt = 1; ; attempt++) {
            try {
                return request.apply("*");
            } catch (AwsServiceException e) {
                boolean taken = e.statusCode() == 412;
                boolean conflict = e.statusCode() == 409;
                boolean gone = e.statusCode() == 404;
                if (!taken && !conflict && !gone) {
                    throw uploads.failures.explain("writing " + name, e);
                }
                Optional<HeadObjectResponse> there = uploads.objects.look(key);
                if (there.filter(this::isOurs).isPresent()) {
                    return ""; // the answer to an earlier attempt was lost
                }
                if (taken || there.isPresent()) {
                    throw uploads.failures.exists(name, e);
                }
                if (gone || attempt == CONFLICT_ATTEMPTS) {
                    throw uploads.failures.explain("writing " + name, e);
                }
            }
        }
    }

    private String lookThenWrite(Function<String, String> request) {
        String busy = settings.location() + name;
        if (!BUSY.add(busy)) {
            throw uploads.failures.exists(name, null);
        }
        try {
            if (uploads.objects.look(key).isPresent()) {
                throw uploads.failures.exists(name, null);
            }
            return request.apply(null);
        } catch (AwsServiceException e) {
            if (e.statusCode() == 404 && uploads.objects.look(key).filter(this::isOurs).isPresent()) {
                return "";
            }
            throw e;
        } finally {
            BUSY.remove(busy);
        }
    }

    private boolean isOurs(HeadObjectResponse object) {
        return writer.equals(object.metadata().get(WRITER));
    }

    private BackupException unlike(String what) {
        return uploads.failures.unlike("writing " + name, what);
    }

    private static RequestBody body(byte[] bytes, int length) {
        // not fromBytes, which copies
        return RequestBody.fromContentProvider(
                () -> new ByteArrayInputStream(bytes, 0, length), length, "application/octet-stream");
    }

    private static String crc32c(byte[] bytes, int length) {
        CRC32C crc = new CRC32C();
        crc.update(bytes, 0, length);
        return Base64.getEncoder().encodeToString(ByteBuffer.allocate(4).putInt((int) crc.getValue()).array());
    }

    /** S3 wants a checksum in a header with everything that is going to be locked. */
    private String md5(byte[] bytes, int length) {
        if (checksums || uploads.facts.lockDays().isEmpty()) {
            return null;
        }
        try {
            MessageDigest digest = MessageDigest.getInstance("MD5");
            digest.update(bytes, 0, length);
            return Base64.getEncoder().encodeToString(digest.digest());
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every JDK has it
        }
    }
}
