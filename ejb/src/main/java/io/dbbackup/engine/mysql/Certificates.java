package io.dbbackup.engine.mysql;

import java.util.HashMap;
import java.util.Map;
import java.util.function.UnaryOperator;

/**
 * Subject and issuer of the certificate that an account needs, in what the server says of the account: some releases (MariaDB 11.4.5,
 * MySQL 8.0.12; not MariaDB 10.11.19) write apostrophes and backslashes in them as they are, so that a constant seems to end there or says
 * something else. Stateless.
 */
final class Certificates {
    private static final Map<String, String> COLUMNS = Map.of(" ISSUER ", "x509_issuer", " SUBJECT ", "x509_subject");

    private Certificates() {}

    /**
     * What makes SHOW CREATE USER and the lines of SHOW GRANTS for an account what they are meant to be.
     *
     * @throws io.dbbackup.model.BackupException when the server does not tell
     */
    static UnaryOperator<String> mending(Sql sql, Account account) {
        Map<String, String> constants = new HashMap<>();
        if (!account.role()) {
            COLUMNS.forEach((word, column) -> {
                String value = sql.text(
                        "SELECT CAST(" + column + " AS CHAR CHARACTER SET utf8mb4) FROM mysql.user WHERE user = ? AND host = ?",
                        account.user(), account.host());
                constants.put(word + "'" + value + "'", word + "'" + value.replace("\\", "\\\\").replace("'", "''") + "'");
            });
        }
        return line -> {
            String mended = line;
            for (Map.Entry<String, String> constant : constants.entrySet()) {
                mended = mended.replace(constant.getKey(), constant.getValue());
            }
            return mended;
        };
    }
}
