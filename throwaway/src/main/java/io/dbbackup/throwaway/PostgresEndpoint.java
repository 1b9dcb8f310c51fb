package io.dbbackup.throwaway;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * Where a PostgreSQL server answers, and its own tools to talk to it. Immutable and thread-safe; every call is one run of a
 * tool with a minimal environment, the password in a file that only this user can read and that is deleted afterwards.
 *
 * @param binaries the tools to use; their major version should be the server's or a later one
 * @param host name or address
 * @param port TCP port
 * @param user role that logs in
 * @param password its password; never part of a command line or of {@link #toString()}
 */
public record PostgresEndpoint(PostgresBinaries binaries, String host, int port, String user, String password) {

    /** The same server, talked to by other tools. */
    public PostgresEndpoint with(PostgresBinaries tools) {
        return new PostgresEndpoint(tools, host, port, user, password);
    }

    /**
     * A libpq connection string that addresses the database by name whatever characters the name has, such as a leading
     * dash or an equals sign. Holds no password.
     */
    public String conninfo(String database) {
        return "host=" + quoted(host) + " port='" + port + "' user=" + quoted(user) + " dbname=" + quoted(database);
    }

    /** The JDBC URL of a database. Holds neither user nor password. */
    public String jdbcUrl(String database) {
        String encoded = URLEncoder.encode(database, StandardCharsets.UTF_8).replace("+", "%20");
        return "jdbc:postgresql://" + host + ":" + port + "/" + encoded;
    }

    /**
     * Runs an SQL script through psql, in UTF-8 and ending at the first error.
     *
     * @return what psql printed: unaligned rows without header or footer, columns separated by {@code |}
     * @throws ThrowawayException when a statement fails, with psql's message
     */
    public String psql(String database, String script) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        psql(database, script, output);
        return output.toString(StandardCharsets.UTF_8);
    }

    /** Like {@link #psql(String, String)}, with the output streamed, for results that should not be held in memory. */
    public void psql(String database, String script, OutputStream output) {
        List<String> arguments = List.of("-X", "-q", "-A", "-t", "-v", "ON_ERROR_STOP=1", "-d", conninfo(database), "-f", "-");
        run("psql", arguments, script.getBytes(StandardCharsets.UTF_8), Map.of("PGCLIENTENCODING", "UTF8"), output);
    }

    /**
     * Runs a tool such as {@code pg_dump}, which finds the password by itself; the arguments name the connection (see
     * {@link #conninfo}).
     *
     * @return standard output as UTF-8
     * @throws ThrowawayException when the tool ends with any exit code but 0, with its standard error
     */
    public String tool(String name, List<String> arguments) {
        ByteArrayOutputStream output = new ByteArrayOutputStream();
        run(name, arguments, new byte[0], Map.of(), output);
        return output.toString(StandardCharsets.UTF_8);
    }

    private void run(String tool, List<String> arguments, byte[] input, Map<String, String> extra, OutputStream output) {
        List<String> command = new ArrayList<>(List.of(binaries.tool(tool)));
        command.addAll(arguments);
        try {
            Path passwords = Files.createTempFile("dbbackup-throwaway", ".pgpass"); // created 0600
            try {
                Files.writeString(passwords, "*:*:*:*:" + password.replace("\\", "\\\\").replace(":", "\\:") + "\n");
                Map<String, String> environment = new HashMap<>(extra);
                environment.put("PGPASSFILE", passwords.toString());
                Subprocess process = new Subprocess(command, environment);
                process.requireSuccess(process.run(input, output));
            } finally {
                Files.deleteIfExists(passwords);
            }
        } catch (IOException e) {
            throw new ThrowawayException("cannot write the password file for " + tool, e);
        }
    }

    private static String quoted(String value) {
        return "'" + value.replace("\\", "\\\\").replace("'", "\\'") + "'";
    }

    /** Without the password. */
    @Override
    public String toString() {
        return user + "@" + host + ":" + port + " (tools " + binaries.directory() + ")";
    }
}
