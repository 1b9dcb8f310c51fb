package io.dbbackup.engine.mysql;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.sql.SQLException;

/** Rows, their fingerprint and their longest field as one text. */
final class RowBytes {
    private RowBytes() {}

    static String of(TsvRows rows) throws SQLException {
        try (rows) {
            ByteArrayOutputStream all = new ByteArrayOutputStream();
            while (rows.next()) {
                all.write(rows.bytes(), 0, rows.length());
            }
            return all.toString(StandardCharsets.ISO_8859_1) + rows.content() + rows.longestField();
        }
    }
}
