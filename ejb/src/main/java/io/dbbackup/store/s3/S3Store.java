package io.dbbackup.store.s3;

import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.spi.BlobInfo;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.ResumedUpload;
import io.dbbackup.spi.StoreCapabilities;
import io.dbbackup.store.BlobNames;
import io.dbbackup.store.Directories;
import io.dbbackup.store.upload.Uploader;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Consumer;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.services.s3.S3Client;
import software.amazon.awssdk.services.s3.model.CommonPrefix;
import software.amazon.awssdk.services.s3.model.GetObjectRequest;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Request;
import software.amazon.awssdk.services.s3.model.ListObjectsV2Response;
import software.amazon.awssdk.services.s3.model.S3Object;

/**
 * Blobs as objects {@code <prefix><name>} of one bucket, published create-only ({@code If-None-Match: *}); where the
 * endpoint ignores that, after a look (see {@link #capabilities()}). What an interrupted upload leaves is an unfinished
 * multipart upload, invisible to every reader.
 *
 * <p>Memory: each upload holds at most parts in flight + 1 buffers of the size of its parts (by default 3 × 8 MiB), and
 * the store keeps up to 8 free ones. Reading needs no buffers. Threads: at most parts in flight + 1 per upload.
 */
public final class S3Store implements BlobStore {
    private final S3Settings settings;
    private final S3Client client;
    private final S3Failures failures;
    private final Objects objects;
    private final BucketFacts facts;
    private final Probe probe;
    private final Leftovers leftovers;
    private final Directories directories;
    private final Uploads uploads;
    private final Uploader uploader;
    private volatile boolean bucketSeen;

    S3Store(S3Settings settings, S3Client client, Clock clock) {
        this.settings = settings;
        this.client = client;
        this.failures = new S3Failures(settings);
        this.objects = new Objects(client, settings, failures);
        this.probe = new Probe(client, settings, failures, objects);
        this.facts = new BucketFacts(client, settings, failures, probe::createsOnly);
        this.directories = new Directories(
                name -> objects.look(settings.prefix() + name).isPresent(),
                name -> objects.anyBelow(settings.prefix() + name));
        this.uploader = Uploader.of("s3", settings.partsInFlight(), settings.partBytes(), failures);
        this.uploads = new Uploads(client, settings, failures, objects, facts, uploader, clock);
        this.leftovers = new Leftovers(client, settings, objects, uploads, clock);
    }

    @Override
    public BlobWriter create(String name, OptionalLong expectedBytes) {
        BlobNames.checked(name);
        refuseTaken(name);
        return uploads.begin(name, expectedBytes);
    }

    @Override
    public Optional<ResumedUpload> resume(String name, String token) {
        BlobNames.checked(name);
        refuseTaken(name);
        if (objects.look(settings.prefix() + name).isPresent()) {
            throw failures.exists(name, null);
        }
        return uploads.resume(name, token);
    }

    /** A taken name itself is found at the commit; here what would be a directory and a blob at once. */
    private void refuseTaken(String name) {
        if (directories.clash(name)) {
            throw failures.exists(name, null);
        }
    }

    @Override
    public InputStream open(String name, long offset) {
        GetObjectRequest request = GetObjectRequest.builder()
                .bucket(settings.bucket())
                .key(settings.prefix() + BlobNames.checked(name))
                .range(offset > 0 ? "bytes=" + offset + "-" : null)
                .build();
        try {
            return S3Source.stream(client, request, offset, settings.retries());
        } catch (AwsServiceException e) {
            if (e.statusCode() == 416) {
                return InputStream.nullInputStream();
            }
            if (e.statusCode() == 404 && !"NoSuchBucket".equals(S3Failures.code(e))) {
                throw failures.missing(name, e);
            }
            throw failures.explain("reading " + name, e);
        } catch (RuntimeException e) {
            throw failures.explain("reading " + name, e);
        }
    }

    @Override
    public Optional<BlobInfo> stat(String name) {
        Optional<BlobInfo> found = objects.look(settings.prefix() + BlobNames.checked(name))
                .map(head -> Objects.info(name, head.contentLength(), head.lastModified()));
        if (found.isEmpty() && !bucketSeen) {
            // a missing bucket must not look like missing blobs
            objects.checkBucket();
        }
        bucketSeen = true;
        return found;
    }

    @Override
    public void list(String prefix, Consumer<BlobInfo> each) {
        pages(prefix, null, page -> {
            for (S3Object object : page.contents()) {
                String name = object.key().substring(settings.prefix().length());
                if (BlobNames.isName(name)) {
                    each.accept(Objects.info(name, object.size(), object.lastModified()));
                }
            }
        });
    }

    @Override
    public List<String> children(String prefix) {
        int skipped = settings.prefix().length() + prefix.length();
        TreeSet<String> children = new TreeSet<>();
        pages(prefix, "/", page -> {
            for (S3Object object : page.contents()) {
                children.add(object.key().substring(skipped));
            }
            for (CommonPrefix directory : page.commonPrefixes()) {
                children.add(directory.prefix().substring(skipped, directory.prefix().length() - 1));
            }
        });
        children.removeIf(child -> !BlobNames.isName(child));
        return new ArrayList<>(children);
    }

    private void pages(String prefix, String delimiter, Consumer<ListObjectsV2Response> each) {
        ListObjectsV2Request first = ListObjectsV2Request.builder()
                .bucket(settings.bucket())
                .prefix(settings.prefix() + BlobNames.checkedPrefix(prefix))
                .delimiter(delimiter)
                .build();
        String token = null;
        do {
            ListObjectsV2Request request = first.toBuilder().continuationToken(token).build();
            ListObjectsV2Response page = objects.call("listing " + prefix, () -> client.listObjectsV2(request));
            each.accept(page);
            token = Boolean.TRUE.equals(page.isTruncated()) ? page.nextContinuationToken() : null;
        } while (token != null);
    }

    @Override
    public void delete(String name) {
        objects.delete(settings.prefix() + BlobNames.checked(name));
        directories.forget();
    }

    @Override
    public long sweepLeftovers(String prefix, Duration olderThan) {
        return leftovers.sweep(BlobNames.checkedPrefix(prefix), olderThan);
    }

    @Override
    public OptionalLong freeBytes() {
        return OptionalLong.empty();
    }

    @Override
    public void probe() {
        probe.run();
    }

    @Override
    public StoreCapabilities capabilities() {
        BucketFacts.Lock lock = facts.lock();
        return new StoreCapabilities(
                facts.createsOnly(), false, true, facts.versioned(), lock.enabled(), facts.lockDays());
    }

    @Override
    public void close() {
        uploader.close();
        client.close();
    }
}
