package io.dbbackup.engine.postgresql;

import io.dbbackup.model.Endpoint;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** Text that is safe inside SQL and on a command line, whatever the names are. */
public final class Quoting {
    private Quoting() {}

    /** An identifier, always in double quotes, so that no list of reserved words can be out of date. */
    public static String identifier(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    /** {@code "schema"."name"}. */
    public static String qualified(String schema, String name) {
        return identifier(schema) + '.' + identifier(name);
    }

    /** A string constant that does not depend on standard_conforming_strings. */
    public static String literal(String value) {
        String quoted = '\'' + value.replace("'", "''").replace("\\", "\\\\") + '\'';
        return value.indexOf('\\') < 0 ? quoted : " E" + quoted;
    }

    /** A value inside a keyword/value connection string: {@code dbname='it\'s'}. */
    public static String conninfoValue(String value) {
        return '\'' + value.replace("\\", "\\\\").replace("'", "\\'") + '\'';
    }

    /**
     * Connection string for the client tools, without a password. A URI with every odd byte in percent notation, since
     * the JVM can only pass on names outside ASCII when it runs in a UTF-8 locale, and since a positional or plain
     * database name that contains {@code =} would be read as a connection string to another database.
     */
    public static String connectionUri(Endpoint endpoint, String database) {
        List<String> parameters = new ArrayList<>();
        parameters.add("host=" + percent(endpoint.host()));
        parameters.add("port=" + endpoint.port());
        parameters.add("user=" + percent(endpoint.user()));
        parameters.add("dbname=" + percent(database));
        for (String key : PgOptions.SSL) {
            endpoint.option(key).ifPresent(value -> parameters.add(key + "=" + percent(value)));
        }
        parameters.add("connect_timeout=" + PgOptions.connectTimeout(endpoint).toSeconds());
        return "postgresql:///?" + String.join("&", parameters);
    }

    private static String percent(String value) {
        StringBuilder encoded = new StringBuilder();
        for (byte b : value.getBytes(StandardCharsets.UTF_8)) {
            char c = (char) (b & 0xff);
            if (c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9' || c == '_' || c == '.') {
                encoded.append(c);
            } else {
                encoded.append('%').append("%02X".formatted((int) c));
            }
        }
        return encoded.toString();
    }
}
