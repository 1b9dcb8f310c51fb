package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.Account;
import io.dbbackup.engine.mysql.Grant;
import io.dbbackup.engine.mysql.MysqlErrors;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.Optional;

/** Accounts as statements name them. Stateless. */
final class Quoted {
    private Quoted() {}

    /** Of a row of {@code Vendor.accounts()}. */
    static String account(ResultSet row) throws SQLException {
        return new Account(row.getString(1), row.getString(2), row.getBoolean(3)).quoted();
    }

    /** The account that the session is. */
    static String currentUser(Sql sql) {
        String current = sql.text("SELECT current_user()");
        int at = current.lastIndexOf('@');
        return new Account(current.substring(0, at), current.substring(at + 1), false).quoted();
    }

    static Optional<String> grantee(String statement) {
        return Grant.of(statement).map(Grant::grantee);
    }

    /** The server's words alone: a statement that creates an account holds its password's hash. */
    static String reason(BackupException e) {
        return e.getCause() instanceof SQLException origin ? MysqlErrors.message(origin) : e.code().name();
    }
}
