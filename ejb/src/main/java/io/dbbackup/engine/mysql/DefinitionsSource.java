package io.dbbackup.engine.mysql;

import io.dbbackup.model.Json;
import io.dbbackup.pipeline.ByteSource;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.Iterator;

/**
 * Definitions as a script for the stock client, in which each is preceded by a comment that says what it is and how many bytes
 * its statement has: no text of a statement can be mistaken for the end of it. One definition is in memory at a time.
 */
public final class DefinitionsSource implements ByteSource {
    static final String MARK = "-- dbbackup ";
    static final String DELIMITER = "DELIMITER ";
    private static final String BEGIN = """
            -- Definitions of one database, for the client programs mysql and mariadb
            SET NAMES utf8mb4;
            SET SESSION sql_mode = 'NO_AUTO_VALUE_ON_ZERO,ALLOW_INVALID_DATES', time_zone = '+00:00', foreign_key_checks = 0;
            """;

    private final Stream stream;

    public DefinitionsSource(Iterator<Definition> definitions) {
        stream = new Stream(definitions);
    }

    /** What the comment before a statement says. */
    record Header(
            Definition.Kind kind, String name, String sqlMode, String collation, String timeZone, int bytes) {}

    /** The statement that gives a session the settings of a definition. */
    public static String settings(Definition definition) {
        String collation = definition.collation().isEmpty() ? "utf8mb4_general_ci" : definition.collation();
        String timeZone = definition.timeZone().isEmpty() ? "+00:00" : definition.timeZone();
        return "SET SESSION sql_mode = " + Quoting.literal(definition.sqlMode()) + ", collation_connection = "
                + Quoting.literal(collation) + ", time_zone = " + Quoting.literal(timeZone);
    }

    @Override
    public InputStream stream() {
        return stream;
    }

    @Override
    public void awaitSuccess() {
        // an iterator that fails has thrown from a read
    }

    @Override
    public void close() {
        // nothing is open
    }

    private static byte[] encode(Definition definition) {
        int bytes = definition.statement().getBytes(StandardCharsets.UTF_8).length;
        String end = "$$";
        for (int i = 1; definition.statement().contains(end); i++) {
            end = "$" + i + "$";
        }
        String header = Json.write(new Header(
                definition.kind(), definition.name(), definition.sqlMode(), definition.collation(),
                definition.timeZone(), bytes));
        return ("\n" + MARK + header + "\n" + settings(definition) + ";\n" + DELIMITER + end + "\n"
                        + definition.statement() + "\n" + end + "\n" + DELIMITER + ";\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    /** The bytes. */
    private static final class Stream extends InputStream {
        private final Iterator<Definition> definitions;
        private byte[] current = BEGIN.getBytes(StandardCharsets.UTF_8);
        private int position;

        Stream(Iterator<Definition> definitions) {
            this.definitions = definitions;
        }

        @Override
        public int read() {
            byte[] one = new byte[1];
            return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
        }

        @Override
        public int read(byte[] target, int offset, int length) {
            while (position == current.length) {
                if (!definitions.hasNext()) {
                    return length == 0 ? 0 : -1;
                }
                current = encode(definitions.next());
                position = 0;
            }
            int some = Math.min(length, current.length - position);
            System.arraycopy(current, position, target, offset, some);
            position += some;
            return some;
        }
    }
}
