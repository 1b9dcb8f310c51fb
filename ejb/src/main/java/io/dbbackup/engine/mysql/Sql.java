package io.dbbackup.engine.mysql;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import java.nio.charset.StandardCharsets;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.SQLWarning;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Statements on one session with the product's errors. Not thread-safe.
 *
 * @param connection stays the caller's
 * @param endpoint for messages
 */
public record Sql(Connection connection, Endpoint endpoint) {
    private static final int SHOWN = 200;

    /** Reads one row of a result. */
    @FunctionalInterface
    public interface Row<T> {
        T read(ResultSet row) throws SQLException;
    }

    /** @throws BackupException what {@link MysqlErrors} makes of the server's error */
    public <T> List<T> list(String query, Row<T> reader, Object... parameters) {
        return list(query, false, reader, parameters);
    }

    /**
     * The same of information_schema, and all of it. MariaDB opens tables and views to list what belongs to them; what it cannot open at that
     * moment it leaves out, and warns. So it does with what somebody is changing, if the session holds locks of its own.
     *
     * @throws BackupException DATABASE_TABLE_LOCKED when something was left out
     */
    public <T> List<T> listAll(String query, Row<T> reader, Object... parameters) {
        return list(query, true, reader, parameters);
    }

    private <T> List<T> list(String query, boolean all, Row<T> reader, Object... parameters) {
        try (PreparedStatement statement = prepare(query, parameters);
                ResultSet rows = statement.executeQuery()) {
            List<T> found = new ArrayList<>();
            while (rows.next()) {
                found.add(reader.read(rows));
            }
            if (all) {
                requireAll(query, statement.getWarnings());
            }
            return found;
        } catch (SQLException e) {
            throw failed(query, e);
        }
    }

    private void requireAll(String query, SQLWarning first) {
        for (SQLWarning warning = first; warning != null; warning = warning.getNextWarning()) {
            if (MysqlErrors.ofTheMoment(warning)) {
                throw new BackupException(
                        ErrorCode.DATABASE_TABLE_LOCKED,
                        inQuotes(query) + " on " + endpoint + " left something out: " + MysqlErrors.message(warning),
                        "End the statement that changes the table, or let it end (SHOW PROCESSLIST), then restart the run.",
                        warning);
            }
        }
    }

    public <T> Optional<T> first(String query, Row<T> reader, Object... parameters) {
        List<T> found = list(query, reader, parameters);
        return found.isEmpty() ? Optional.empty() : Optional.ofNullable(found.get(0));
    }

    /** The first column of the first row; empty text when there is none or it is NULL. */
    public String text(String query, Object... parameters) {
        return first(query, row -> row.getString(1), parameters).orElse("");
    }

    /**
     * The first column of what SHOW says about accounts. It is UTF-8, as the names in it are, although MariaDB calls it latin1, as which
     * the driver would take it.
     */
    public List<String> shown(String query) {
        return list(query, row -> new String(row.getBytes(1), StandardCharsets.UTF_8));
    }

    public long number(String query, Object... parameters) {
        return first(query, row -> row.getLong(1), parameters).orElse(0L);
    }

    public boolean truth(String query, Object... parameters) {
        return number(query, parameters) != 0;
    }

    /** Runs a statement without parameters just as it is: braces and question marks mean nothing. */
    public void run(String statement) {
        try (Statement plain = connection.createStatement()) {
            plain.setEscapeProcessing(false);
            plain.execute(statement);
        } catch (SQLException e) {
            throw failed(statement, e);
        }
    }

    /** Runs a statement that holds secrets: no message repeats it. */
    public void run(String statement, String doing) {
        try (Statement plain = connection.createStatement()) {
            plain.setEscapeProcessing(false);
            plain.execute(statement);
        } catch (SQLException e) {
            throw MysqlErrors.translate(e, endpoint, doing);
        }
    }

    /** Runs a statement for which some accounts lack a privilege; whether it was run. */
    public boolean runIfPermitted(String statement) {
        try {
            run(statement);
            return true;
        } catch (BackupException e) {
            if (e.code() != ErrorCode.DATABASE_PRIVILEGE_MISSING) {
                throw e;
            }
            return false;
        }
    }

    /** Turns a setting on for the session where the server has it and has it off. */
    public void turnOn(String variable) {
        list("SHOW SESSION VARIABLES WHERE variable_name = '" + variable + "' AND value = 'OFF'", row -> row.getString(1))
                .forEach(off -> run("SET SESSION " + off + " = 1"));
    }

    /**
     * Runs a statement of any character set on a session of {@link Session#ofBytes}.
     *
     * @param shown the statement for messages
     */
    public void run(byte[] statement, String shown) {
        try (Statement plain = connection.createStatement()) {
            plain.setEscapeProcessing(false);
            plain.execute(new String(statement, StandardCharsets.ISO_8859_1));
        } catch (SQLException e) {
            throw failed(shown, e);
        }
    }

    public void runAll(List<String> statements) {
        statements.forEach(this::run);
    }

    /** Runs an INSERT, UPDATE, DELETE or the like and returns the number of rows. */
    public int update(String statement, Object... parameters) {
        try (PreparedStatement prepared = prepare(statement, parameters)) {
            return prepared.executeUpdate();
        } catch (SQLException e) {
            throw failed(statement, e);
        }
    }

    private PreparedStatement prepare(String query, Object... parameters) throws SQLException {
        PreparedStatement statement = connection.prepareStatement(query);
        try {
            for (int i = 0; i < parameters.length; i++) {
                statement.setObject(i + 1, parameters[i]);
            }
            return statement;
        } catch (SQLException e) {
            statement.close();
            throw e;
        }
    }

    private BackupException failed(String statement, SQLException e) {
        return MysqlErrors.translate(e, endpoint, inQuotes(statement));
    }

    private static String inQuotes(String statement) {
        String shown = statement.strip().replaceAll("\\s+", " ");
        return "\"" + (shown.length() > SHOWN ? shown.substring(0, SHOWN) + "…" : shown) + "\"";
    }
}
