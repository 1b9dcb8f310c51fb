package io.dbbackup.service.set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Fingerprint;
import io.dbbackup.model.StageDescriptor;
import io.dbbackup.pipeline.Blobs;
import io.dbbackup.pipeline.Codecs;
import io.dbbackup.pipeline.LineRows;
import io.dbbackup.pipeline.Sha256Probe;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.store.file.FileStoreProvider;
import java.io.IOException;
import java.io.InputStream;
import java.io.PipedInputStream;
import java.io.PipedOutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.OptionalLong;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Blobs of a set written into a real store, damaged in every way, and read back. */
class BlobSetTest {
    private static final String PREFIX = "orders/20261120T233200.123Z_p0100_7f3a9c21/";

    @TempDir
    Path root;

    private BlobStore store;
    private final Cancellation cancellation = new Cancellation();

    @BeforeEach
    void open() {
        store = new FileStoreProvider().open(Map.of("path", root.toString()), secret -> Optional.empty());
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip", "lz4", "none"})
    void what_was_written_reads_back_with_its_fingerprint(String codec) throws IOException {
        byte[] rows = (new String(Blobs.text(2_000_000)) + "\n").getBytes();
        LineRows scanner = new LineRows();
        AtomicLong progress = new AtomicLong();

        BlobRef blob = writer(codec)
                .write("db/t.copy", Blobs.source(rows), List.of(scanner), OptionalLong.empty(), progress::addAndGet);

        assertThat(blob.name()).isEqualTo("db/t.copy" + Codecs.byName(codec).suffix());
        assertThat(progress).hasValue(rows.length);
        LineRows again = new LineRows();
        byte[] read = read(blob);
        again.accept(read, 0, read.length);
        assertThat(read).isEqualTo(rows);
        assertThat(again.result()).isEqualTo(scanner.result()).isNotEqualTo(Fingerprint.EMPTY);
        reader().checkStored(blob);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip", "lz4", "none"})
    void every_flipped_byte_is_a_digest_mismatch_that_names_the_blob(String codec) throws IOException {
        BlobRef blob = write(codec, Blobs.text(120));
        byte[] good = Files.readAllBytes(file(blob));
        for (int at = 0; at < good.length; at++) {
            byte[] bad = good.clone();
            bad[at] ^= 0x10;
            Files.write(file(blob), bad);
            assertFails(ErrorCode.BLOB_DIGEST_MISMATCH, () -> read(blob), PREFIX + blob.name(), blob.storedSha256(),
                    Sha256Probe.of(bad));
            assertFails(ErrorCode.BLOB_DIGEST_MISMATCH, () -> reader().checkStored(blob), PREFIX + blob.name());
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip", "lz4", "none"})
    void every_truncation_is_a_size_mismatch_that_names_both_sizes(String codec) throws IOException {
        BlobRef blob = write(codec, Blobs.text(120));
        byte[] good = Files.readAllBytes(file(blob));
        for (int size = 0; size < good.length; size++) {
            Files.write(file(blob), java.util.Arrays.copyOf(good, size));
            assertFails(ErrorCode.BLOB_SIZE_MISMATCH, () -> read(blob),
                    PREFIX + blob.name() + " has only " + size + " bytes, the manifest says " + good.length);
            assertFails(ErrorCode.BLOB_SIZE_MISMATCH, () -> reader().checkStored(blob), "has only " + size);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip", "lz4", "none"})
    void bytes_behind_the_end_are_a_size_mismatch(String codec) throws IOException {
        BlobRef blob = write(codec, Blobs.text(300_000));
        Files.write(file(blob), new byte[] {0}, StandardOpenOption.APPEND);
        assertFails(ErrorCode.BLOB_SIZE_MISMATCH, () -> read(blob), "has more than " + blob.storedBytes());
        assertFails(ErrorCode.BLOB_SIZE_MISMATCH, () -> reader().checkStored(blob), "has more than");
    }

    @Test
    void a_missing_blob_is_named() throws IOException {
        BlobRef blob = write("zstd", Blobs.text(300));
        Files.delete(file(blob));
        assertFails(ErrorCode.BLOB_MISSING, () -> read(blob), PREFIX + blob.name());
        assertFails(ErrorCode.BLOB_MISSING, () -> reader().checkStored(blob), PREFIX + blob.name());
    }

    @Test
    void a_receipt_that_does_not_fit_the_plain_bytes_is_noticed() throws IOException {
        BlobRef blob = write("zstd", Blobs.text(300));
        BlobRef smaller = with(blob, 299, blob.plainXxh128(), blob.stages());
        BlobRef larger = with(blob, 301, blob.plainXxh128(), blob.stages());
        BlobRef other = with(blob, 300, blob.storedSha256(), blob.stages());
        BlobRef gzip = with(blob, 300, blob.plainXxh128(), List.of(new StageDescriptor("gzip", Map.of())));
        BlobRef unknown = with(blob, 300, blob.plainXxh128(), List.of(new StageDescriptor("brotli", Map.of())));
        assertFails(ErrorCode.BLOB_SIZE_MISMATCH, () -> read(smaller), "decodes to more than 299 bytes");
        assertFails(ErrorCode.BLOB_SIZE_MISMATCH, () -> read(larger), "decodes to 300 bytes, the manifest says 301");
        assertFails(ErrorCode.BLOB_DIGEST_MISMATCH, () -> read(other), "decodes to bytes with the XXH3-128");
        assertFails(ErrorCode.BLOB_UNDECODABLE, () -> read(gzip), "cannot be decoded as [gzip] although");
        assertFails(ErrorCode.BLOB_UNDECODABLE, () -> read(unknown), PREFIX + blob.name(), "\"brotli\"");
    }

    @Test
    void a_few_bytes_cannot_blow_up_to_more_than_the_manifest_says() throws IOException {
        BlobRef blob = write("zstd", new byte[50_000_000]);
        assertThat(blob.storedBytes()).isLessThan(10_000);
        BlobRef small = with(blob, 1000, blob.plainXxh128(), blob.stages());
        long[] read = {0};
        assertFails(ErrorCode.BLOB_SIZE_MISMATCH, () -> {
            try (InputStream in = reader().open(small)) {
                byte[] buffer = new byte[4096];
                for (int n = in.read(buffer); n >= 0; n = in.read(buffer)) {
                    read[0] += n;
                }
            }
        }, "more than 1000");
        assertThat(read[0]).isLessThan(10_000);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip", "lz4", "none"})
    void a_failed_producer_leaves_nothing_in_the_store(String codec) throws IOException {
        Blobs.TestSource source = Blobs.failingSource(Blobs.text(1_000_000));
        assertFails(ErrorCode.TOOL_FAILED, () -> writer(codec)
                .write("db/t.copy", source, List.of(), OptionalLong.empty(), more -> {}), "exit code 1");
        assertThat(source.closed()).isTrue();
        assertStoreIsEmpty();
    }

    @Test
    void a_source_is_closed_even_if_the_upload_cannot_begin() {
        Blobs.TestSource source = Blobs.source(new byte[1]);
        assertThatThrownBy(() -> writer("zstd").write("no such ü", source, List.of(), OptionalLong.empty(), more -> {}))
                .isInstanceOf(BackupException.class);
        assertThat(source.closed()).isTrue();
    }

    @Test
    void a_stopped_run_ends_a_transfer_whose_producer_is_silent() throws Exception {
        PipedOutputStream producer = new PipedOutputStream();
        PipedInputStream pipe = new PipedInputStream(producer, 1 << 20);
        CountDownLatch reading = new CountDownLatch(1);
        Blobs.TestSource source = new Blobs.TestSource(pipe, Optional.empty()) {
            @Override
            public InputStream stream() {
                reading.countDown();
                return super.stream();
            }

            @Override
            public void close() {
                super.close();
                try {
                    producer.close(); // what killing a dump tool does: its pipe ends as if all was well
                } catch (IOException e) {
                    throw new AssertionError(e);
                }
            }
        };
        producer.write(Blobs.text(500_000));
        ExecutorService pool = Executors.newSingleThreadExecutor();
        try {
            Future<BlobRef> transfer = pool.submit(() ->
                    writer("zstd").write("db/t.copy", source, List.of(), OptionalLong.empty(), more -> {}));
            reading.await();
            long before = System.nanoTime();
            cancellation.cancel();
            assertThatThrownBy(() -> transfer.get(30, TimeUnit.SECONDS))
                    .cause()
                    .hasMessageStartingWith("CANCELLED: the run was stopped while it wrote " + PREFIX + "db/t.copy.zst");
            assertThat(System.nanoTime() - before).isLessThan(TimeUnit.SECONDS.toNanos(10));
        } finally {
            pool.shutdownNow();
        }
        assertStoreIsEmpty();
    }

    @Test
    void nothing_begins_once_the_run_is_stopped() throws IOException {
        cancellation.cancel();
        assertFails(ErrorCode.CANCELLED, () -> write("zstd", new byte[10]), "db/t.copy");
        assertStoreIsEmpty();
    }

    @Test
    void json_is_stored_as_it_is_under_exactly_its_name() throws IOException {
        BlobRef blob = writer("zstd").writeJson("db/manifest.json", Map.of("answer", 42));
        assertThat(blob.stages()).isEmpty();
        assertThat(Files.readString(root.resolve(PREFIX + "db/manifest.json"))).isEqualTo("{\"answer\":42}\n");
        assertThat(read(blob)).isEqualTo("{\"answer\":42}\n".getBytes());
    }

    private BlobRef write(String codec, byte[] plain) {
        return writer(codec).write(
                "db/t.copy", Blobs.source(plain), List.of(), OptionalLong.of(plain.length), more -> {});
    }

    private BlobSetWriter writer(String codec) {
        return new BlobSetWriter(store, PREFIX, Codecs.byName(codec), OptionalInt.empty(), cancellation);
    }

    private BlobSetReader reader() {
        return BlobSetReader.of(store, PREFIX, Manifests.aManifest());
    }

    private byte[] read(BlobRef blob) throws IOException {
        try (InputStream in = reader().open(blob)) {
            return in.readAllBytes();
        }
    }

    private Path file(BlobRef blob) {
        return root.resolve(PREFIX + blob.name());
    }

    private void assertStoreIsEmpty() throws IOException {
        List<String> names = new ArrayList<>();
        store.list("", blob -> names.add(blob.name()));
        assertThat(names).isEmpty();
        assertThat(root).isEmptyDirectory();
    }

    private static BlobRef with(BlobRef blob, long plainBytes, String plainXxh128, List<StageDescriptor> stages) {
        return new BlobRef(blob.name(), blob.storedBytes(), blob.storedSha256(), plainBytes, plainXxh128, stages);
    }

    private static void assertFails(
            ErrorCode code, org.assertj.core.api.ThrowableAssert.ThrowingCallable call, String... parts) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code()).isEqualTo(code))
                .hasMessageContainingAll(parts);
    }
}
