package io.dbbackup.engine.postgresql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.Fingerprint;
import io.dbbackup.pipeline.RowHash;
import java.io.ByteArrayOutputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;

class PgBinaryRowsTest {
    private final RowHash expected = new RowHash();

    @Test
    void block_boundaries_do_not_matter() throws IOException {
        byte[] copy = copy(400, 0);
        Random random = new Random(3);
        for (int round = 0; round < 300; round++) {
            PgBinaryRows rows = new PgBinaryRows();
            int largest = 1 + random.nextInt(round < 200 ? 30 : 20_000);
            for (int at = 0; at < copy.length; ) {
                int length = Math.min(random.nextInt(largest + 1), copy.length - at);
                byte[] block = new byte[length + 3];
                System.arraycopy(copy, at, block, 3, length);
                rows.accept(block, 3, length);
                at += length;
            }
            assertThat(rows.result()).isEqualTo(expected.fingerprint());
        }
    }

    @Test
    void a_header_extension_is_skipped() throws IOException {
        byte[] copy = copy(5, 37);
        assertThat(scan(copy)).isEqualTo(expected.fingerprint());
    }

    @Test
    void no_rows_is_header_and_trailer() throws IOException {
        byte[] copy = copy(0, 0);
        assertThat(copy).hasSize(21);
        assertThat(scan(copy)).isEqualTo(Fingerprint.EMPTY);
    }

    @Test
    void a_row_may_be_larger_than_any_buffer() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        header(out, 0);
        byte[] tuple = new byte[2 + 4 + 5_000_000 + 4];
        java.nio.ByteBuffer.wrap(tuple).putShort((short) 2).putInt(5_000_000).position(2 + 4 + 5_000_000).putInt(-1);
        out.write(tuple);
        out.writeShort(-1);
        expected.add(tuple, 0, tuple.length);
        assertThat(scan(bytes.toByteArray())).isEqualTo(expected.fingerprint());
    }

    @Test
    void every_truncation_is_refused() throws IOException {
        byte[] copy = copy(20, 3);
        for (int cut = 0; cut < copy.length; cut++) {
            byte[] truncated = Arrays.copyOf(copy, cut);
            assertThatThrownBy(() -> scan(truncated))
                    .as("cut at %d", cut)
                    .hasMessageStartingWith("BLOB_UNDECODABLE: not a complete binary COPY: the data ends before");
        }
    }

    @Test
    void what_is_not_the_format_is_refused() throws IOException {
        byte[] tooMuch = Arrays.copyOf(copy(2, 0), copy(2, 0).length + 1);
        assertThatThrownBy(() -> scan(tooMuch)).hasMessageContaining("there are bytes after the trailer");
        assertThatThrownBy(() -> scan("1\tone\n2\ttwo\n3\tthree\n4\tfour\n".getBytes()))
                .hasMessageContaining("does not begin with the signature PGCOPY");
        byte[] flags = copy(1, 0);
        flags[11 + 1] = 1;
        assertThatThrownBy(() -> scan(flags)).hasMessageContaining("critical flags");
        byte[] fields = copy(1, 0);
        fields[19] = (byte) 0x80;
        assertThatThrownBy(() -> scan(fields)).hasMessageContaining("a tuple has -3276");
    }

    private byte[] copy(int tuples, int extension) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        DataOutputStream out = new DataOutputStream(bytes);
        header(out, extension);
        Random random = new Random(tuples);
        for (int i = 0; i < tuples; i++) {
            int start = bytes.size();
            int fields = random.nextInt(6);
            out.writeShort(fields);
            for (int field = 0; field < fields; field++) {
                int length = random.nextInt(5) == 0 ? -1 : random.nextInt(random.nextInt(20) == 0 ? 9000 : 20);
                out.writeInt(length);
                byte[] value = new byte[Math.max(length, 0)];
                random.nextBytes(value);
                out.write(value);
            }
            byte[] all = bytes.toByteArray();
            expected.add(all, start, all.length - start);
        }
        out.writeShort(-1);
        return bytes.toByteArray();
    }

    private static void header(DataOutputStream out, int extension) throws IOException {
        out.write(new byte[] {'P', 'G', 'C', 'O', 'P', 'Y', '\n', (byte) 0xff, '\r', '\n', 0});
        out.writeInt(0);
        out.writeInt(extension);
        out.write(new byte[extension]);
    }

    private static Fingerprint scan(byte[] copy) {
        PgBinaryRows rows = new PgBinaryRows();
        rows.accept(copy, 0, copy.length);
        return rows.result();
    }
}
