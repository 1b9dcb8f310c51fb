package io.dbbackup.engine.mysql;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Reads what {@link DefinitionsSource} writes. */
public final class DefinitionsReader {
    private static final int LONGEST_LINE = 1 << 20;

    private DefinitionsReader() {}

    /**
     * Hands every definition to the consumer and reads the stream to its end, where digests are checked.
     *
     * @throws BackupException BLOB_UNDECODABLE when it is no such script; MANIFEST_VERSION_UNSUPPORTED when a newer version wrote kinds
     *     of definitions that this one does not know
     * @throws IOException of the stream
     */
    public static void read(InputStream plain, Consumer<Definition> each) throws IOException {
        InputStream in = new BufferedInputStream(plain, 1 << 16);
        for (String line = line(in); line != null; line = line(in)) {
            if (line.startsWith(DefinitionsSource.MARK)) {
                DefinitionsSource.Header header = header(line.substring(DefinitionsSource.MARK.length()));
                skipToStatement(in);
                byte[] statement = in.readNBytes(header.bytes());
                if (statement.length < header.bytes()) {
                    throw damaged("the statement of " + header.kind() + " " + header.name() + " is cut off");
                }
                each.accept(new Definition(
                        header.kind(), header.name(), header.sqlMode(), header.collation(), header.databaseCollation(),
                        header.timeZone(), ClientText.of(statement, header.clientOrOurs())));
            }
        }
    }

    private static DefinitionsSource.Header header(String json) {
        try {
            return Json.read(json, DefinitionsSource.Header.class);
        } catch (IllegalArgumentException e) {
            throw new BackupException(
                    ErrorCode.MANIFEST_VERSION_UNSUPPORTED,
                    "there is a definition that this version of dbbackup cannot read: " + e.getMessage(),
                    "Use the version of dbbackup that made the set, or a later one.", e);
        }
    }

    private static void skipToStatement(InputStream in) throws IOException {
        for (String line = line(in); line != null; line = line(in)) {
            if (line.startsWith(DefinitionsSource.DELIMITER)) {
                return;
            }
        }
        throw damaged("there is no statement behind the last comment");
    }

    /** Without its line feed; null at the end. */
    private static String line(InputStream in) throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        int b = in.read();
        if (b < 0) {
            return null;
        }
        for (; b >= 0 && b != '\n'; b = in.read()) {
            if (line.size() == LONGEST_LINE) {
                throw damaged("a line outside of statements has more than " + LONGEST_LINE + " bytes");
            }
            line.write(b);
        }
        return line.toString(StandardCharsets.UTF_8);
    }

    private static BackupException damaged(String what) {
        return new BackupException(
                ErrorCode.BLOB_UNDECODABLE,
                "these are not definitions of a MySQL or MariaDB database: " + what,
                "Rely on another backup set.");
    }
}
