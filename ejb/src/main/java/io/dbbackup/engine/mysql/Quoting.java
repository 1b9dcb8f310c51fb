package io.dbbackup.engine.mysql;

import java.nio.charset.StandardCharsets;
import java.util.HexFormat;

/** Text that is safe inside SQL whatever the names are and whatever sql_mode is. */
public final class Quoting {
    private Quoting() {}

    /** An identifier in backticks. */
    public static String identifier(String name) {
        return '`' + name.replace("`", "``") + '`';
    }

    /** {@code `database`.`name`}. */
    public static String qualified(String database, String name) {
        return identifier(database) + '.' + identifier(name);
    }

    /** A string constant; as hexadecimal digits unless it is plain, so that no backslash mode can change it. */
    public static String literal(String value) {
        return value.matches("[A-Za-z0-9 _.,:+/-]*")
                ? '\'' + value + '\''
                : "_utf8mb4 X'" + HexFormat.of().formatHex(value.getBytes(StandardCharsets.UTF_8)) + '\'';
    }
}
