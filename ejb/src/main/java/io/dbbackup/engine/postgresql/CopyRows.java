package io.dbbackup.engine.postgresql;

import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Optional;

/**
 * What one or more {@code COPY … TO STDOUT} send, row by row: the server puts every row into a message of its own (manual,
 * "COPY Operations"); in binary format the first one also has the header, and the last one is the trailer. Not thread-safe.
 *
 * <pre>{@code
 * while (rows.nextStatement()) {
 *     while (rows.next()) { … rows.bytes(), rows.offset(), rows.length(), rows.ends() … }
 *     … rows.handled() …
 * }
 * }</pre>
 */
public interface CopyRows {
    /**
     * Begins to read. By the wire protocol itself where the driver's connection allows it, which neither makes an object
     * per row nor waits between statements; otherwise by the driver. Both give the same bytes.
     *
     * @param connection idle, in a transaction when there are several statements
     * @throws SQLException when the request cannot be sent
     */
    static CopyRows begin(Connection connection, List<String> statements) throws SQLException {
        Optional<WireCopyRows> wire = WireCopyRows.begin(connection, statements);
        return wire.isPresent() ? wire.get() : new DriverCopyRows(connection, statements);
    }

    /** Moves on to the rows of the next statement; false when there is none. The last one's rows must have ended. */
    boolean nextStatement() throws SQLException;

    /** Moves on to the next row of the statement, or the next piece of a large row; false when they have ended. */
    boolean next() throws SQLException;

    /** Holds the row or piece; valid until the next call. */
    byte[] bytes();

    int offset();

    /** Bytes of the row or piece, with the line feed at the row's end in text format. */
    int length();

    /** Whether the row ends here; false when another piece of it follows. */
    boolean ends();

    /** Rows of the statement by the server's own count, after they have ended. */
    long handled();

    /** Whether the server is still sending: the connection can then be used for nothing else. */
    boolean sending();
}
