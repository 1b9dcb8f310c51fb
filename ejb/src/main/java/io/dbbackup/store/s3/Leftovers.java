package io.dbbackup.store.s3;

import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ListMultipartUploadsResponse;
import software.amazon.awssdk.services.s3.model.ListPartsRequest;
import software.amazon.awssdk.services.s3.model.MultipartUpload;
import software.amazon.awssdk.services.s3.model.Part;

/**
 * Removes multipart uploads that nobody ended, and objects of probes. Ages are by the clock of the store, and that of an upload is its
 * youngest part's: a large blob may take days, and another server may be the one that sends it.
 */
final class Leftovers {
    private final S3Client client;
    private final S3Settings settings;
    private final Objects objects;
    private final Uploads uploads;
    private final Clock clock;

    Leftovers(S3Client client, S3Settings settings, Objects objects, Uploads uploads, Clock clock) {
        this.client = client;
        this.settings = settings;
        this.objects = objects;
        this.uploads = uploads;
        this.clock = clock;
    }

    /** @return bytes freed */
    long sweep(String prefix, Duration olderThan) {
        Instant limit = olderThan.isZero() ? Instant.MAX : clock.instant().minus(olderThan);
        long freed = prefix.isEmpty() ? sweepProbes(limit) : 0;
        String keys = settings.prefix() + prefix;
        String keyMarker = null;
        String uploadMarker = null;
        ListMultipartUploadsResponse page;
        do {
            String key = keyMarker;
            String upload = uploadMarker;
            page = objects.call("looking for uploads", () -> client.listMultipartUploads(request ->
                    request.bucket(settings.bucket()).prefix(keys).keyMarker(key).uploadIdMarker(upload)));
            for (MultipartUpload each : page.uploads()) {
                boolean here = each.key().startsWith(keys) && each.initiated() != null;
                if (here && !each.initiated().isAfter(limit) && !uploads.isOwn(each.uploadId())) {
                    freed += remove(each, limit);
                }
            }
            keyMarker = page.nextKeyMarker();
            uploadMarker = page.nextUploadIdMarker();
        } while (Boolean.TRUE.equals(page.isTruncated()) && keyMarker != null);
        return freed;
    }

    private long remove(MultipartUpload upload, Instant limit) {
        long bytes = 0;
        try {
            ListPartsRequest parts = ListPartsRequest.builder()
                    .bucket(settings.bucket())
                    .key(upload.key())
                    .uploadId(upload.uploadId())
                    .build();
            for (Part part : client.listPartsPaginator(parts).parts()) {
                if (part.lastModified() != null && part.lastModified().isAfter(limit)) {
                    return 0;
                }
                bytes += part.size();
            }
            client.abortMultipartUpload(request ->
                    request.bucket(settings.bucket()).key(upload.key()).uploadId(upload.uploadId()));
            return bytes;
        } catch (RuntimeException e) {
            return 0; // somebody else ended it, or the next sweep does
        }
    }

    private long sweepProbes(Instant limit) {
        long[] freed = {0};
        objects.call("looking for probes", () -> client.listObjectsV2(
                        request -> request.bucket(settings.bucket()).prefix(settings.prefix() + Probe.PREFIX)))
                .contents()
                .stream()
                .filter(object -> !object.lastModified().isAfter(limit))
                .forEach(object -> {
                    objects.deleteQuietly(object.key());
                    freed[0] += object.size();
                });
        return freed[0];
    }
}
