package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TsvValuesTest {
    private static final byte[] START = "start".getBytes(StandardCharsets.US_ASCII);
    private static final int LARGE = 1 << 22;
    private static final String SPECIAL = "\0\t\n\\N0tn";

    @Test
    void every_field_comes_in_a_message_as_it_was_wherever_reads_end() throws IOException {
        Random random = new Random(11);
        for (int round = 0; round < 300; round++) {
            int columns = 1 + random.nextInt(5);
            List<List<byte[]>> rows = rows(random, 1 + random.nextInt(200), columns, round % 10 == 0 ? 3_000 : 40);
            byte[] text = text(rows);
            int largest = 1 + random.nextInt(round % 2 == 0 ? 30 : 3_000);
            TsvValues values = new TsvValues(few(text, largest, random), START, columns, List.of(), 1 << 16);
            List<List<byte[]>> messages = new ArrayList<>();
            while (values.next()) {
                List<List<byte[]>> message = read(values, columns);
                assertThat(values.rows()).isEqualTo(message.size());
                assertThat(values.length()).isLessThanOrEqualTo(1 << 16);
                messages.addAll(message);
            }
            assertThat(values.stopped()).isFalse();
            requireEqual(messages, rows);
        }
    }

    @Test
    void a_row_that_no_message_takes_is_left_with_those_behind_it() throws IOException {
        Random random = new Random(3);
        List<List<byte[]>> rows = rows(random, 50, 2, 20);
        rows.set(20, List.of(new byte[] {7}, new byte[1_000_000]));
        TsvValues values = new TsvValues(few(text(rows), 5_000, random), START, 2, List.of(), 1 << 17);
        List<List<byte[]>> messages = new ArrayList<>();
        while (values.next()) {
            messages.addAll(read(values, 2));
        }
        assertThat(values.stopped()).isTrue();
        requireEqual(messages, rows.subList(0, 20));
        TsvFields rest = new TsvFields(values.rest());
        List<List<byte[]>> left = new ArrayList<>();
        for (List<byte[]> row = rest.next(); !row.isEmpty(); row = rest.next()) {
            left.add(row);
        }
        requireEqual(left, rows.subList(20, 50));
    }

    @Test
    void a_message_grows_for_a_large_row() throws IOException {
        Random random = new Random(4);
        byte[] large = new byte[2_500_000];
        random.nextBytes(large);
        List<List<byte[]>> rows = List.of(List.of(new byte[] {1}), List.of(large), List.of(new byte[] {2}));
        TsvValues values = new TsvValues(few(text(rows), 100_000, random), START, 1, List.of(), LARGE);
        List<List<byte[]>> messages = new ArrayList<>();
        while (values.next()) {
            messages.addAll(read(values, 1));
        }
        requireEqual(messages, rows);
    }

    @Test
    void fields_are_counted_in_the_message_that_has_them() throws IOException {
        byte[] text = "0\t0\n00\t0\n\\N\t\n0\tx\n".getBytes(StandardCharsets.US_ASCII);
        byte[] zero = {'0'};
        TsvValues values = new TsvValues(new ByteArrayInputStream(text), START, 2, List.of(zero, new byte[0]), LARGE);
        assertThat(values.next()).isTrue();
        assertThat(values.rows()).isEqualTo(4);
        assertThat(values.found()).isEqualTo(2);
        assertThat(values.next()).isFalse();
    }

    @Test
    void what_nobody_writes_is_refused() {
        for (String text : List.of("a\tb", "a\tb\nc", "a\n", "a\tb\tc\n", "a\t\\x\n", "a\t\\Nb\n", "a\t\\N\\0\n", "a\t\\N\\N\n", "a\tb\\N\n", "a\tb\\")) {
            TsvValues values = new TsvValues(
                    new ByteArrayInputStream(text.getBytes(StandardCharsets.US_ASCII)), START, 2, List.of(), LARGE);
            assertThatThrownBy(() -> {
                        while (values.next()) {
                            read(values, 2);
                        }
                    })
                    .as(text)
                    .isInstanceOf(IOException.class);
        }
    }

    private static List<List<byte[]>> rows(Random random, int count, int columns, int longest) {
        List<List<byte[]>> rows = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            List<byte[]> row = new ArrayList<>();
            for (int column = 0; column < columns; column++) {
                byte[] field = random.nextInt(10) == 0 ? null : new byte[random.nextInt(longest)];
                if (field != null) {
                    random.nextBytes(field);
                    for (int k = random.nextInt(5); k > 0 && field.length > 0; k--) {
                        field[random.nextInt(field.length)] = (byte) SPECIAL.charAt(random.nextInt(SPECIAL.length()));
                    }
                }
                row.add(field);
            }
            rows.add(row);
        }
        return rows;
    }

    private static byte[] text(List<List<byte[]>> rows) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (List<byte[]> row : rows) {
            for (int i = 0; i < row.size(); i++) {
                if (i > 0) {
                    out.write('\t');
                }
                if (row.get(i) == null) {
                    out.writeBytes(new byte[] {'\\', 'N'});
                    continue;
                }
                for (byte b : row.get(i)) {
                    int special = "\0\t\n\\".indexOf(b);
                    if (special >= 0) {
                        out.write('\\');
                        out.write("0tn\\".charAt(special));
                    } else {
                        out.write(b);
                    }
                }
            }
            out.write('\n');
        }
        return out.toByteArray();
    }

    /** Gives some bytes at a time. */
    private static InputStream few(byte[] bytes, int most, Random random) {
        return new ByteArrayInputStream(bytes) {
            @Override
            public synchronized int read(byte[] target, int offset, int length) {
                return super.read(target, offset, Math.min(length, 1 + random.nextInt(most)));
            }
        };
    }

    /** The obvious way. */
    private static List<List<byte[]>> read(TsvValues values, int columns) {
        byte[] message = Arrays.copyOf(values.message(), values.length());
        assertThat(Arrays.copyOf(message, START.length)).isEqualTo(START);
        List<List<byte[]>> rows = new ArrayList<>();
        for (int at = START.length; at < message.length; ) {
            List<byte[]> row = new ArrayList<>();
            for (int column = 0; column < columns; column++) {
                if (message[at++] == 1) {
                    row.add(null);
                    continue;
                }
                assertThat(message[at++]).isEqualTo((byte) 0xfd);
                int length = (message[at] & 0xff) | (message[at + 1] & 0xff) << 8 | (message[at + 2] & 0xff) << 16;
                at += 3;
                row.add(Arrays.copyOfRange(message, at, at + length));
                at += length;
            }
            rows.add(row);
        }
        return rows;
    }

    private static void requireEqual(List<List<byte[]>> here, List<List<byte[]>> there) {
        assertThat(here).hasSameSizeAs(there);
        for (int i = 0; i < here.size(); i++) {
            for (int column = 0; column < here.get(i).size(); column++) {
                assertThat(here.get(i).get(column)).as("row %d column %d", i, column).isEqualTo(there.get(i).get(column));
            }
        }
    }
}
