package io.dbbackup.pipeline;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.ErrorCode;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class TransferPipelineTest {
    private final Blobs.MemoryWriter writer = new Blobs.MemoryWriter();

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip", "lz4", "none"})
    void a_producer_that_ended_badly_is_never_published(String codec) {
        Blobs.TestSource source = Blobs.failingSource(Blobs.text(700_000));

        assertThatThrownBy(() -> transfer(codec, source, List.of(), TransferMonitor.NONE))
                .hasMessageStartingWith("TOOL_FAILED: pg_dump ended with exit code 1");

        assertNothingPublished(source);
    }

    @ParameterizedTest
    @ValueSource(strings = {"zstd", "gzip", "lz4", "none"})
    void a_stream_that_breaks_is_never_published(String codec) {
        InputStream broken = new InputStream() {
            @Override
            public int read() throws IOException {
                throw new IOException("connection reset");
            }
        };
        Blobs.TestSource source = new Blobs.TestSource(
                new SequenceInputStream(new ByteArrayInputStream(Blobs.text(700_000)), broken), Optional.empty());

        assertThatThrownBy(() -> transfer(codec, source, List.of(), TransferMonitor.NONE))
                .hasMessage("connection reset");

        assertNothingPublished(source);
    }

    @Test
    void a_probe_without_a_result_keeps_the_blob_from_being_published() {
        Blobs.TestSource source = Blobs.source("one\ntw".getBytes());

        assertThatThrownBy(() -> transfer("zstd", source, List.of(new LineRows()), TransferMonitor.NONE))
                .hasMessageStartingWith("BLOB_UNDECODABLE: the data ends inside a row");

        assertNothingPublished(source);
    }

    @Test
    void a_monitor_ends_the_transfer_between_two_buffers_and_before_the_commit() throws IOException {
        for (int allowed : new int[] {0, 1, 2, 3, 4}) {
            Blobs.MemoryWriter out = new Blobs.MemoryWriter();
            CountingMonitor monitor = new CountingMonitor(allowed);
            TransferPipeline pipeline = new TransferPipeline(Codecs.standard().transforms(OptionalInt.empty()));
            if (allowed < 4) {
                assertThatThrownBy(() -> pipeline.transfer(
                                "blob", Blobs.source(Blobs.text(600_000)), List.of(), out, monitor))
                        .hasMessageStartingWith("CANCELLED");
                assertThat(out.committed()).as("after %d checks", allowed).isFalse();
            } else {
                pipeline.transfer("blob", Blobs.source(Blobs.text(600_000)), List.of(), out, monitor);
                assertThat(out.committed()).isTrue();
                assertThat(monitor.seen).isEqualTo(600_000);
            }
        }
    }

    @Test
    void a_writer_that_fails_is_the_error_that_is_reported() {
        BlobWriter full = new BlobWriter() {
            @Override
            public void write(byte[] buffer, int offset, int length) throws IOException {
                throw new IOException("No space left on device");
            }

            @Override
            public long commit() {
                throw new AssertionError("committed after a failure");
            }

            @Override
            public void abort() {
                throw new AssertionError("nobody stopped it");
            }

            @Override
            public void close() {
                // aborts
            }
        };
        assertThatThrownBy(() -> new TransferPipeline(Codecs.standard().transforms(OptionalInt.empty()))
                        .transfer("blob", Blobs.source(Blobs.random(2_000_000)), List.of(), full, TransferMonitor.NONE))
                .isInstanceOf(IOException.class)
                .hasMessage("No space left on device");
    }

    @Test
    void probes_see_every_byte_once_and_in_order_whatever_the_source_hands_out() throws IOException {
        byte[] plain = Blobs.text(300_000);
        List<Byte> seen = new ArrayList<>();
        Probe<Integer> recorder = new Probe<>() {
            @Override
            public void accept(byte[] buffer, int offset, int length) {
                for (int i = offset; i < offset + length; i++) {
                    seen.add(buffer[i]);
                }
            }

            @Override
            public Integer result() {
                return seen.size();
            }
        };
        InputStream dribbling = new ByteArrayInputStream(plain) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 17));
            }
        };
        BlobRef receipt = transfer(
                "none", new Blobs.TestSource(dribbling, Optional.empty()), List.of(recorder), TransferMonitor.NONE);

        assertThat(recorder.result()).isEqualTo(plain.length);
        assertThat(writer.bytes()).isEqualTo(plain);
        assertThat(receipt.storedSha256()).isEqualTo(Sha256Probe.of(plain));
        assertThat(receipt.plainXxh128()).isEqualTo(Xxh128Probe.of(plain));
    }

    private BlobRef transfer(
            String codec, ByteSource source, List<? extends Probe<?>> probes, TransferMonitor monitor)
            throws IOException {
        return new TransferPipeline(Codecs.byName(codec).transforms(OptionalInt.empty()))
                .transfer("blob", source, probes, writer, monitor);
    }

    private void assertNothingPublished(Blobs.TestSource source) {
        assertThat(writer.committed()).isFalse();
        assertThat(writer.closed()).isTrue();
        assertThat(source.closed()).isTrue();
    }

    /** Agrees a number of times. */
    private static final class CountingMonitor implements TransferMonitor {
        private int left;
        private long seen;

        CountingMonitor(int allowed) {
            left = allowed;
        }

        @Override
        public void bytes(long more) {
            seen += more;
        }

        @Override
        public void check() {
            if (left-- == 0) {
                throw new BackupException(ErrorCode.CANCELLED, "the run was stopped", "Restart it.");
            }
        }
    }
}
