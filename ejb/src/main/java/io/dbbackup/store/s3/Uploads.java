package io.dbbackup.store.s3;

import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.spi.ResumedUpload;
import io.dbbackup.store.upload.PartSizes;
import io.dbbackup.store.upload.PartsWriter;
import io.dbbackup.store.upload.Uploader;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.ChecksumAlgorithm;
import software.amazon.awssdk.services.s3.model.CompletedPart;
import software.amazon.awssdk.services.s3.model.ListPartsRequest;
import software.amazon.awssdk.services.s3.model.ListPartsResponse;
import software.amazon.awssdk.services.s3.model.Part;

/** Begins uploads and finds interrupted ones again; knows which are this store object's own. Thread-safe. */
final class Uploads {
    /** The id of the writer, which its object carries, and S3's id of the upload. */
    private static final Pattern TOKEN = Pattern.compile("([0-9a-f-]{36})/(\\S{1,1900})");

    final S3Client client;
    final S3Settings settings;
    final S3Failures failures;
    final Objects objects;
    final BucketFacts facts;
    private final Uploader uploader;
    private final Clock clock;
    private final Set<String> own = ConcurrentHashMap.newKeySet();

    Uploads(
            S3Client client,
            S3Settings settings,
            S3Failures failures,
            Objects objects,
            BucketFacts facts,
            Uploader uploader,
            Clock clock) {
        this.client = client;
        this.settings = settings;
        this.failures = failures;
        this.objects = objects;
        this.facts = facts;
        this.uploader = uploader;
        this.clock = clock;
    }

    boolean isOwn(String uploadId) {
        return own.contains(uploadId);
    }

    void began(String uploadId) {
        own.add(uploadId);
    }

    void ended(String uploadId) {
        own.remove(uploadId);
    }

    /** Date until which a new object is to be kept, if the settings say so. */
    Optional<Instant> lockedUntil() {
        return settings.lockDays().map(days -> clock.instant().plus(Duration.ofDays(days)));
    }

    BlobWriter begin(String name, OptionalLong expectedBytes) {
        PartSizes sizes = PartSizes.of(settings.partBytes(), expectedBytes, !settings.equalParts());
        return new PartsWriter<>(
                uploader, new ObjectRequests(this, name, UUID.randomUUID().toString(), settings.checksums()), sizes);
    }

    Optional<ResumedUpload> resume(String name, String token) {
        Matcher matcher = TOKEN.matcher(token);
        if (!matcher.matches()) {
            return Optional.empty();
        }
        String uploadId = matcher.group(2);
        ListPartsRequest request = ListPartsRequest.builder()
                .bucket(settings.bucket())
                .key(settings.prefix() + name)
                .uploadId(uploadId)
                .build();
        List<CompletedPart> parts = new ArrayList<>();
        long bytes = 0;
        long firstSize = settings.partBytes();
        boolean checksums = false;
        try {
            gathering:
            for (ListPartsResponse page : client.listPartsPaginator(request)) {
                checksums |= page.checksumAlgorithm() == ChecksumAlgorithm.CRC32_C;
                for (Part part : page.parts()) {
                    if (part.partNumber() != parts.size() + 1) {
                        break gathering; // one before it was lost: it is sent again, too
                    }
                    firstSize = parts.isEmpty() ? Math.max(firstSize, part.size()) : firstSize;
                    bytes += part.size();
                    parts.add(CompletedPart.builder()
                            .partNumber(part.partNumber())
                            .eTag(part.eTag())
                            .checksumCRC32C(part.checksumCRC32C())
                            .build());
                }
            }
        } catch (AwsServiceException e) {
            if (e.statusCode() == 404 && !"NoSuchBucket".equals(S3Failures.code(e))
                    || "NoSuchUpload".equals(S3Failures.code(e))) {
                return Optional.empty();
            }
            throw failures.explain("looking for the upload of " + name, e);
        } catch (RuntimeException e) {
            throw failures.explain("looking for the upload of " + name, e);
        }
        if (parts.isEmpty()) {
            return Optional.empty(); // nothing gained; some stores answer so for uploads that are gone
        }
        began(uploadId);
        PartSizes sizes = PartSizes.of(firstSize, OptionalLong.empty(), !settings.equalParts());
        ObjectRequests requests = new ObjectRequests(this, name, matcher.group(1), checksums);
        return Optional.of(new ResumedUpload(
                new PartsWriter<>(uploader, requests, sizes, uploadId, parts, bytes), bytes));
    }
}
