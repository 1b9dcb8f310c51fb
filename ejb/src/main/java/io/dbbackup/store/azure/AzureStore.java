package io.dbbackup.store.azure;

import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.spi.BlobInfo;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.ResumedUpload;
import io.dbbackup.spi.StoreCapabilities;
import io.dbbackup.store.BlobNames;
import io.dbbackup.store.Directories;
import io.dbbackup.store.ResumingStream;
import io.dbbackup.store.upload.Uploader;
import io.dbbackup.store.web.Answer;
import io.dbbackup.store.web.RefusedException;
import java.io.IOException;
import java.io.InputStream;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.TreeSet;
import java.util.function.Consumer;

/**
 * Blobs as block blobs {@code <prefix><name>} of one container, published create-only ({@code If-None-Match: *}). What
 * an interrupted upload leaves are blocks that wait to be committed, invisible to every reader.
 *
 * <p>Memory: each upload holds at most parts in flight + 1 buffers of the size of its parts (by default 3 × 8 MiB), and
 * the store keeps up to 8 free ones; reading holds what one read of the socket gave. Threads: at most parts in flight +
 * 1 per upload, and those of the JDK's client.
 */
public final class AzureStore implements BlobStore {
    private final AzureSettings settings;
    private final AzureKeys keys;
    private final AzureClient client;
    private final AzureFailures failures;
    private final AzureObjects objects;
    private final AzureFacts facts;
    private final AzureProbe probe;
    private final Directories directories;
    private final Uploader uploader;
    private final AzureUploads uploads;

    AzureStore(AzureSettings settings, AzureSigner signer, Clock clock) {
        this.settings = settings;
        this.keys = new AzureKeys(settings.prefix());
        this.client = new AzureClient(settings, signer, clock);
        this.failures = new AzureFailures(settings, clock);
        this.objects = new AzureObjects(client, failures, clock);
        this.probe = new AzureProbe(client, settings, failures, objects, clock);
        this.facts = new AzureFacts(client, settings, failures, probe);
        this.directories = new Directories(
                name -> objects.look(keys.key(name)).isPresent(), name -> objects.anyBelow(keys.key(name)));
        this.uploader = Uploader.of("azure", settings.partsInFlight(), settings.partBytes(), failures);
        this.uploads = new AzureUploads(client, settings, keys, failures, objects, facts, uploader, clock);
    }

    @Override
    public BlobWriter create(String name, OptionalLong expectedBytes) {
        refuseTaken(name);
        return uploads.begin(name, expectedBytes);
    }

    @Override
    public Optional<ResumedUpload> resume(String name, String token) {
        refuseTaken(name);
        if (objects.look(keys.key(name)).isPresent()) {
            throw failures.exists(name, null);
        }
        return uploads.resume(name, token);
    }

    /** A taken name itself is found at the commit; here what would be a directory and a blob at once. */
    private void refuseTaken(String name) {
        if (directories.clash(BlobNames.checked(name))) {
            throw failures.exists(name, null);
        }
    }

    @Override
    public InputStream open(String name, long offset) {
        String key = keys.key(BlobNames.checked(name));
        try {
            Answer first = client.open(from(key, offset));
            if (first.header("x-ms-meta-" + BlockUpload.DISCARDED).isPresent()) {
                first.content().orElseThrow().close();
                throw failures.missing(name, null);
            }
            long end = offset
                    + first.length().orElseThrow(() -> failures.unlike(
                            "reading " + name, "it does not say how long the blob is"));
            String etag = first.header("etag").orElse("*");
            return new ResumingStream(
                    name, position -> rest(key, position, etag), first.content().orElseThrow(), offset, end,
                    settings.retries());
        } catch (RefusedException e) {
            if (e.status() == 416) {
                return InputStream.nullInputStream();
            }
            throw AzureObjects.isMissing(e) ? failures.missing(name, e) : failures.explain("reading " + name, e);
        } catch (IOException e) {
            throw failures.missing(name, e);
        } catch (RuntimeException e) {
            throw failures.explain("reading " + name, e);
        }
    }

    private static AzureRequest from(String key, long offset) {
        AzureRequest all = AzureRequest.of("GET", key);
        return offset > 0 ? all.header("x-ms-range", "bytes=" + offset + "-") : all;
    }

    private InputStream rest(String key, long position, String etag) throws IOException {
        try {
            return client.open(from(key, position).header("if-match", etag)).content().orElseThrow();
        } catch (RefusedException e) {
            throw e.status() / 100 == 4 ? new ResumingStream.RefusedException(e) : new IOException(e.getMessage(), e);
        }
    }

    @Override
    public Optional<BlobInfo> stat(String name) {
        return objects.look(keys.key(BlobNames.checked(name)))
                .map(head -> new BlobInfo(name, head.bytes(), head.modified()));
    }

    @Override
    public void list(String prefix, Consumer<BlobInfo> each) {
        objects.pages(keys.key(BlobNames.checkedPrefix(prefix)), "metadata", "", page -> {
            for (AzureXml.Entry blob : page.blobs()) {
                String name = keys.name(blob.key());
                if (!blob.discarded() && BlobNames.isName(name)) {
                    each.accept(new BlobInfo(name, blob.bytes(), blob.modified()));
                }
            }
        });
    }

    @Override
    public List<String> children(String prefix) {
        String above = keys.key(BlobNames.checkedPrefix(prefix));
        TreeSet<String> children = new TreeSet<>();
        objects.pages(above, "metadata", "/", page -> {
            page.blobs().stream()
                    .filter(blob -> !blob.discarded())
                    .forEach(blob -> children.add(child(prefix, blob.key())));
            page.directories().forEach(directory -> children.add(
                    child(prefix, directory.substring(0, directory.length() - 1))));
        });
        children.removeIf(child -> !BlobNames.isName(child));
        return new ArrayList<>(children);
    }

    private String child(String prefix, String key) {
        return keys.name(key).substring(prefix.length());
    }

    @Override
    public void delete(String name) {
        objects.delete(keys.key(BlobNames.checked(name)));
        directories.forget();
    }

    @Override
    public long sweepLeftovers(String prefix, Duration olderThan) {
        return uploads.sweep(BlobNames.checkedPrefix(prefix), olderThan);
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
        AzureProbe.Findings found = facts.findings();
        return new StoreCapabilities(
                found.createsOnly(), false, true, found.versioned(), facts.locks(), facts.lockDays());
    }

    @Override
    public void close() {
        uploader.close();
        client.close();
    }
}
