package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.sql.SQLException;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class TsvRowsTest {
    private static final String SPECIAL = "\0\t\n\\";

    @Test
    void every_byte_comes_back_wherever_it_stands_in_a_field() throws SQLException, IOException {
        Random random = new Random(7);
        for (int round = 0; round < 20_000; round++) {
            byte[] field = new byte[random.nextInt(40)];
            random.nextBytes(field);
            for (int i = round % 5; i > 0 && field.length > 0; i--) {
                field[random.nextInt(field.length)] = (byte) SPECIAL.charAt(random.nextInt(SPECIAL.length()));
            }
            byte[] line = line(field, random.nextInt(9));
            assertThat(line).isEqualTo(escaped(field));
            assertThat(lineInPlace(field, random.nextInt(9), random.nextInt(9))).isEqualTo(line);
            assertThat(new TsvFields(new ByteArrayInputStream(line)).next()).containsExactly(field);
        }
    }

    /** The obvious way. */
    private static byte[] escaped(byte[] field) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte b : field) {
            int special = SPECIAL.indexOf(b);
            if (special >= 0) {
                out.write('\\');
                out.write("0tn\\".charAt(special));
            } else {
                out.write(b);
            }
        }
        out.write('\n');
        return out.toByteArray();
    }

    private static byte[] line(byte[] field, int before) throws SQLException {
        byte[] packet = new byte[before + field.length + 3];
        Arrays.fill(packet, (byte) '\t');
        System.arraycopy(field, 0, packet, before, field.length);
        try (TsvRows rows = new OneField(packet, before, field.length)) {
            assertThat(rows.next()).isTrue();
            return Arrays.copyOfRange(rows.bytes(), rows.start(), rows.start() + rows.length());
        }
    }

    /** The same, written straight into a room that is just large enough. */
    private static byte[] lineInPlace(byte[] field, int before, int from) throws SQLException {
        byte[] packet = new byte[before + field.length];
        System.arraycopy(field, 0, packet, before, field.length);
        int to = from + 2 * field.length + 1 + TsvRows.SLACK;
        byte[] room = new byte[to + 8];
        Arrays.fill(room, (byte) 1);
        try (TsvRows rows = new OneField(packet, before, field.length)) {
            assertThat(rows.next(room, from, to - 1)).isTrue();
            assertThat(rows.bytes()).as("one byte less").isNotSameAs(room);
        }
        try (TsvRows rows = new OneField(packet, before, field.length)) {
            assertThat(rows.next(room, from, to)).isTrue();
            assertThat(rows.bytes()).isSameAs(room);
            assertThat(rows.start()).isEqualTo(from);
            for (int i = 0; i < room.length; i++) {
                assertThat(i >= from && i < to || room[i] == 1).as("byte %d outside of %d to %d", i, from, to).isTrue();
            }
            return Arrays.copyOfRange(room, from, from + rows.length());
        }
    }

    private static final class OneField extends TsvRows {
        private final List<Integer> range;
        private final byte[] packet;

        OneField(byte[] packet, int from, int count) {
            this.packet = packet;
            this.range = List.of(from, count);
        }

        @Override
        boolean read() throws SQLException {
            atMost(2L * range.get(1) + 1);
            field(packet, range.get(0), range.get(1));
            return true;
        }

        @Override
        public void close() {
            // nothing is open
        }
    }
}
