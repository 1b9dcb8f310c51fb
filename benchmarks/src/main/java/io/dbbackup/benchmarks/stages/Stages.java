package io.dbbackup.benchmarks.stages;

import io.dbbackup.crypto.EncryptingStream;
import io.dbbackup.engine.postgresql.PgBinaryRows;
import io.dbbackup.pipeline.Codecs;
import io.dbbackup.pipeline.Decryption;
import io.dbbackup.pipeline.LineRows;
import io.dbbackup.pipeline.RowHash;
import io.dbbackup.pipeline.Sha256Probe;
import io.dbbackup.pipeline.Transform;
import io.dbbackup.pipeline.Xxh128Probe;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.OptionalInt;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.BenchmarkMode;
import org.openjdk.jmh.annotations.Fork;
import org.openjdk.jmh.annotations.Measurement;
import org.openjdk.jmh.annotations.Mode;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.OutputTimeUnit;
import org.openjdk.jmh.annotations.Param;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.Setup;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.Warmup;

/**
 * What each stage does per second and thread: operations are bytes, so that a score of 1.5 in ops/ns is 1.5 GB/s. A block
 * of 256 KiB of plain bytes goes in each time, as in the pipeline.
 */
@State(Scope.Thread)
@BenchmarkMode(Mode.Throughput)
@OutputTimeUnit(java.util.concurrent.TimeUnit.NANOSECONDS)
@OperationsPerInvocation(Stages.BLOCK)
@Warmup(iterations = 3, time = 1)
@Measurement(iterations = 5, time = 1)
@Fork(1)
public class Stages {
    static final int BLOCK = 256 * 1024;
    private static final byte[] HEADER = {
        'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0, 0, 0, 0, 0, 0, 0, 0, 0
    };

    /** What is in the rows. */
    @Param
    public Rows rows;

    private byte[] block;
    private byte[] lines;
    private int[] ends;
    private Transform zstd;
    private byte[] compressed;
    private OutputStream encrypting;
    private PgBinaryRows scanner;
    private final RowHash hash = new RowHash();
    private final Sha256Probe sha256 = new Sha256Probe();
    private final Xxh128Probe xxh128 = new Xxh128Probe();
    private final LineRows lineRows = new LineRows();

    /** Makes the block and what it becomes. */
    @Setup
    public void setUp() throws IOException {
        block = rows.block(BLOCK);
        lines = block.clone();
        int row = rows.row(1, new java.util.Random(1)).length;
        ends = java.util.stream.IntStream.rangeClosed(1, block.length / row).map(n -> n * row).toArray();
        for (int i = 0; i < lines.length; i++) {
            lines[i] = lines[i] == '\n' ? (byte) 'n' : lines[i];
        }
        for (int end : ends) {
            lines[end - 1] = '\n';
        }
        zstd = Codecs.byName("zstd").transforms(OptionalInt.empty()).get(0);
        compressed = compress();
        encrypting = EncryptingStream.begin(OutputStream.nullOutputStream(), new byte[32], new byte[16]);
        scanner = new PgBinaryRows();
        scanner.accept(HEADER, 0, HEADER.length);
    }

    private byte[] compress() throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream(BLOCK);
        try (OutputStream in = zstd.encode("", out)) {
            in.write(block);
        }
        return out.toByteArray();
    }

    /** The fingerprint of rows whose ends are known, as in a backup. */
    @Benchmark
    public RowHash fingerprint() {
        int start = 0;
        for (int end : ends) {
            hash.add(block, start, end - start);
            start = end;
        }
        return hash;
    }

    /** Finds binary rows and takes their fingerprint, as in a verification. */
    @Benchmark
    public PgBinaryRows scanBinary() {
        scanner.accept(block, 0, block.length);
        return scanner;
    }

    /** Finds lines and takes their fingerprint. */
    @Benchmark
    public LineRows scanText() {
        lineRows.accept(lines, 0, lines.length);
        return lineRows;
    }

    /** The digest of the plain bytes. */
    @Benchmark
    public Xxh128Probe digestPlain() {
        xxh128.accept(block, 0, block.length);
        return xxh128;
    }

    /** The digest of the stored bytes (here: of as many bytes; a backup has as many as the compression leaves). */
    @Benchmark
    public Sha256Probe digestStored() {
        sha256.accept(block, 0, block.length);
        return sha256;
    }

    /** zstd, level 1. */
    @Benchmark
    public byte[] compression() throws IOException {
        return compress();
    }

    /** The other way, counted in plain bytes. */
    @Benchmark
    public long decompression() throws IOException {
        try (InputStream in =
                Codecs.decode(List.of(zstd.descriptor()), new ByteArrayInputStream(compressed), Decryption.NONE)) {
            byte[] buffer = new byte[64 * 1024];
            long sum = 0;
            for (int read = in.read(buffer); read >= 0; read = in.read(buffer)) {
                sum += read;
            }
            return sum;
        }
    }

    /** AES-256-GCM in segments of 64 KiB. */
    @Benchmark
    public OutputStream encryption() throws IOException {
        encrypting.write(block);
        return encrypting;
    }
}
