package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.TsvFields;
import java.io.IOException;
import java.io.InputStream;
import java.sql.PreparedStatement;
import java.sql.SQLException;
import java.util.List;

/**
 * Loads rows by INSERT, where LOAD DATA LOCAL is off or cannot do it. In strict mode a value that does not fit is an error, not a
 * warning. Some hundred rows are in memory, never more than a mebibyte of them unless one row has more.
 */
final class InsertLoad {
    private static final int MOST_ROWS = 500;
    private static final int MOST_BYTES = 1 << 20;

    private InsertLoad() {}

    /**
     * Loads everything.
     *
     * @param statement with a question mark for each field
     * @param judge looks at what the server has to say about each statement; it forgets that with the next one
     * @return rows that were inserted
     */
    static long load(Session session, String statement, InputStream plain, Runnable judge) throws SQLException, IOException {
        TsvFields rows = new TsvFields(plain);
        long inserted = 0;
        try (PreparedStatement insert = session.connection().prepareStatement(statement)) {
            int waiting = 0;
            long bytes = 0;
            for (List<byte[]> row = rows.next(); !row.isEmpty(); row = rows.next()) {
                if (inserted == 0 && waiting == 0) {
                    // not without rows: MySQL warns of this mode, and the caller asks for warnings
                    session.sql().run("SET SESSION sql_mode = concat(@@sql_mode, ',STRICT_ALL_TABLES')");
                }
                for (int i = 0; i < row.size(); i++) {
                    byte[] field = row.get(i);
                    insert.setBytes(i + 1, field);
                    bytes += field == null ? 4 : field.length;
                }
                insert.addBatch();
                if (++waiting == MOST_ROWS || bytes >= MOST_BYTES) {
                    insert.executeBatch();
                    judge.run();
                    inserted += waiting;
                    waiting = 0;
                    bytes = 0;
                }
            }
            insert.executeBatch();
            return inserted + waiting;
        }
    }
}
