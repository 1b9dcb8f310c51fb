package io.dbbackup.engine.mysql;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;

/** Rows, their fingerprint and their longest field as one text. */
final class RowBytes {
    /** Some rows fit, others do not. */
    private static final int ROOM = 300;

    private RowBytes() {}

    static String of(TsvRows rows) throws SQLException {
        try (rows) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            byte[] room = new byte[ROOM];
            while (rows.next(room, 1, ROOM - 1)) {
                all.write(rows.bytes(), rows.start(), rows.length());
            }
            // nothing is written outside of the room
            assertThat(room[0]).isZero();
            assertThat(room[ROOM - 1]).isZero();
            return all.toString(StandardCharsets.ISO_8859_1) + rows.content() + rows.longestField();
        }
    }
}
