package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.TableProperties;
import io.dbbackup.engine.mysql.TsvFields;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * The values number 0 of a table's ENUM columns, which have no name: see {@link TableProperties.Column#nameless()}. MariaDB takes
 * each of them as it is and warns of it, so that these warnings are counted; MySQL says nothing. Immutable.
 */
final class Nameless {
    /** "Data truncated for column" (WARN_DATA_TRUNCATED). */
    static final int WARNING = 1265;

    /** By field of a row; empty arrays for columns that have no such value. */
    private final List<byte[]> texts;

    private Nameless(List<byte[]> texts) {
        this.texts = texts;
    }

    /** Those that the server of this session warns of. */
    static Nameless of(Session session, TableProperties table) {
        return new Nameless(
                ServerRelease.of(session.sql()).vendor().warnsOfNameless()
                        ? table.columns().stream().map(column -> column.nameless().getBytes(StandardCharsets.US_ASCII)).toList()
                        : List.of());
    }

    /** By field of a row; empty arrays for columns that have no such value, or no arrays at all. */
    List<byte[]> texts() {
        return texts;
    }

    /** How many a row has. */
    int in(List<byte[]> row) {
        int found = 0;
        for (int i = 0; i < texts.size(); i++) {
            byte[] text = texts.get(i);
            if (text.length > 0 && Arrays.equals(text, row.get(i))) {
                found++;
            }
        }
        return found;
    }

    /** How many all rows have. */
    long in(InputStream plain) throws IOException {
        if (texts.stream().allMatch(text -> text.length == 0)) {
            return 0;
        }
        TsvFields rows = new TsvFields(plain);
        long found = 0;
        for (List<byte[]> row = rows.next(); !row.isEmpty(); row = rows.next()) {
            found += in(row);
        }
        return found;
    }
}
