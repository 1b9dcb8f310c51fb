package io.dbbackup.store.gcs;

import com.fasterxml.jackson.databind.JsonNode;
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
 * Blobs as objects {@code <prefix><name>} of one bucket, created only where none is ({@code ifGenerationMatch=0}). What
 * an interrupted upload leaves is a session, which nobody can list or read, and which Google ends after a week.
 *
 * <p>Memory: each upload holds at most two buffers of the size of its parts (by default 2 × 8 MiB): a session takes one
 * chunk after the other. The store keeps up to 8 free ones; reading holds what one read of the socket gave. Threads: at
 * most two per upload, and those of the JDK's client.
 */
public final class GcsStore implements BlobStore {
    /** Sessions are sequential. */
    private static final int PARTS_IN_FLIGHT = 1;

    private final GcsSettings settings;
    private final GcsClient client;
    private final GcsFailures failures;
    private final GcsObjects objects;
    private final GcsProbe probe;
    private final GcsFacts facts;
    private final Directories directories;
    private final Uploader uploader;
    private final GcsUploads uploads;
    private final Clock clock;

    GcsStore(GcsSettings settings, ServiceAccount account, Clock clock) {
        this.settings = settings;
        this.clock = clock;
        this.client = new GcsClient(settings, account, clock);
        this.failures = new GcsFailures(settings);
        this.objects = new GcsObjects(client, settings, failures);
        this.probe = new GcsProbe(client, settings, failures, objects);
        this.facts = new GcsFacts(client, settings, failures, probe);
        this.directories = new Directories(
                name -> objects.look(settings.prefix() + name).isPresent(),
                name -> objects.anyBelow(settings.prefix() + name));
        this.uploader = Uploader.of("gcs", PARTS_IN_FLIGHT, settings.partBytes(), failures);
        this.uploads = new GcsUploads(
                client, settings, failures, objects, new SessionSeal(account.key()), uploader, clock);
    }

    @Override
    public BlobWriter create(String name, OptionalLong expectedBytes) {
        refuseTaken(name);
        return uploads.begin(name, expectedBytes);
    }

    @Override
    public Optional<ResumedUpload> resume(String name, String token) {
        refuseTaken(name);
        if (objects.look(settings.prefix() + name).isPresent()) {
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
        String object = settings.prefix() + BlobNames.checked(name);
        try {
            Answer first = client.open(from(object, offset));
            long end = offset
                    + first.length().orElseThrow(() -> failures.unlike(
                            "reading " + name, "it does not say how long the blob is"));
            String generation = first.header("x-goog-generation").orElse("");
            return new ResumingStream(
                    name, position -> rest(object, position, generation), first.content().orElseThrow(), offset, end,
                    settings.retries());
        } catch (RefusedException e) {
            if (e.status() == 416) {
                return InputStream.nullInputStream();
            }
            if (e.status() == 404) {
                objects.checkBucket();
                throw failures.missing(name, e);
            }
            throw failures.explain("reading " + name, e);
        } catch (RuntimeException e) {
            throw failures.explain("reading " + name, e);
        }
    }

    private GcsRequest from(String object, long offset) {
        GcsRequest all = GcsRequest.of("GET", GcsRequest.object(settings.bucket(), object)).query("alt", "media");
        return offset > 0 ? all.header("Range", "bytes=" + offset + "-") : all;
    }

    /** Of the same object, and of no other that has its name meanwhile. */
    private InputStream rest(String object, long position, String generation) throws IOException {
        GcsRequest request = from(object, position);
        try {
            return client.open(generation.isEmpty() ? request : request.query("generation", generation))
                    .content()
                    .orElseThrow();
        } catch (RefusedException e) {
            throw e.status() / 100 == 4 ? new ResumingStream.RefusedException(e) : new IOException(e.getMessage(), e);
        }
    }

    @Override
    public Optional<BlobInfo> stat(String name) {
        return objects.look(settings.prefix() + BlobNames.checked(name)).map(found -> found.info(name));
    }

    @Override
    public void list(String prefix, Consumer<BlobInfo> each) {
        objects.pages(settings.prefix() + BlobNames.checkedPrefix(prefix), "", page -> {
            for (JsonNode item : page.path("items")) {
                GcsObjects.Found found = new GcsObjects.Found(item);
                String name = found.name().substring(settings.prefix().length());
                if (BlobNames.isName(name)) {
                    each.accept(found.info(name));
                }
            }
        });
    }

    @Override
    public List<String> children(String prefix) {
        String above = settings.prefix() + BlobNames.checkedPrefix(prefix);
        TreeSet<String> children = new TreeSet<>();
        objects.pages(above, "/", page -> {
            page.path("items").forEach(item -> children.add(item.path("name").asText().substring(above.length())));
            page.path("prefixes").forEach(directory -> children.add(
                    directory.asText().substring(above.length(), directory.asText().length() - 1)));
        });
        children.removeIf(child -> !BlobNames.isName(child));
        return new ArrayList<>(children);
    }

    @Override
    public void delete(String name) {
        objects.delete(settings.prefix() + BlobNames.checked(name));
        directories.forget();
    }

    /** Only probes: sessions cannot be listed, and Google ends them by itself. */
    @Override
    public long sweepLeftovers(String prefix, Duration olderThan) {
        return BlobNames.checkedPrefix(prefix).isEmpty() ? probe.sweep(olderThan, clock.instant()) : 0;
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
        return new StoreCapabilities(
                facts.createsOnly(), false, true, facts.versioned(), facts.locks(), facts.lockDays());
    }

    @Override
    public void close() {
        uploader.close();
        client.close();
    }
}
