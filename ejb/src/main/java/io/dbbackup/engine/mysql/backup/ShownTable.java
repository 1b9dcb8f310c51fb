package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.HexFormat;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * What SHOW CREATE TABLE says, all in UTF-8. The servers put constants of bytes into it as they are: both do so with defaults of
 * BINARY and VARBINARY (seen with MariaDB 10.11 and 11.4 and MySQL 8.0.12), MySQL also with constants of other character sets in
 * expressions. As hexadecimal digits they mean the same, and every client can send them. Stateless.
 */
final class ShownTable {
    /** Names are passed over, whatever quotes are in them. */
    private static final Pattern QUOTED = Pattern.compile("`[^`]*+`|'((?:[^'\\\\]|''|\\\\.)*+)'", Pattern.DOTALL);

    /** What may have digits behind it; the name of a character set begins neither a word nor a name in backticks. */
    private static final Pattern BEFORE_DIGITS = Pattern.compile("(?: DEFAULT |(?<![\\w`$])_[a-z0-9]+ ?)$");
    private static final int LONGEST_BEFORE = 64;

    private ShownTable() {}

    /**
     * @return nothing when there is no row
     * @throws BackupException DATABASE_STATEMENT_FAILED when something else in it is no UTF-8; what MysqlErrors makes of an error
     */
    static Optional<String> read(Sql sql, String table) {
        return sql.first("SHOW CREATE TABLE " + Quoting.identifier(table), row -> row.getBytes(2))
                .map(shown -> text(shown).orElseThrow(() -> new BackupException(
                        ErrorCode.DATABASE_STATEMENT_FAILED,
                        "what SHOW CREATE TABLE says of " + Quoting.identifier(table) + " on " + sql.endpoint()
                                + " is no UTF-8, and not only in constants of bytes: it could not be restored as it is",
                        "Look for the damaged text, mostly a comment of the table or a column of a very old table, and set it again"
                                + " (ALTER TABLE); or exclude that table.")))
                .map(shown -> ShownReferences.quoted(sql, table, shown));
    }

    /** @return nothing when something is no UTF-8 that may not be digits */
    static Optional<String> text(byte[] shown) {
        return utf8(shown).or(() -> utf8(digits(new String(shown, StandardCharsets.ISO_8859_1)).getBytes(StandardCharsets.ISO_8859_1)));
    }

    private static Optional<String> utf8(byte[] bytes) {
        try {
            return Optional.of(StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(bytes)).toString());
        } catch (CharacterCodingException e) {
            return Optional.empty();
        }
    }

    /** @param bytes every character is one; so it is in the result */
    private static String digits(String bytes) {
        StringBuilder result = new StringBuilder();
        int done = 0;
        for (Matcher quoted = QUOTED.matcher(bytes); quoted.find(); ) {
            if (quoted.group(1) == null) {
                continue;
            }
            byte[] constant = constant(quoted.group(1));
            String before = bytes.substring(Math.max(done, quoted.start() - LONGEST_BEFORE), quoted.start());
            if (utf8(constant).isEmpty() && BEFORE_DIGITS.matcher(before).find()) {
                result.append(bytes, done, quoted.start()).append(before.endsWith(" ") ? "0x" : " 0x")
                        .append(HexFormat.of().formatHex(constant));
                done = quoted.end();
            }
        }
        return result.append(bytes, done, bytes.length()).toString();
    }

    /** What a constant stands for; the servers double quotes or put a backslash before them. */
    private static byte[] constant(String inside) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        for (int at = 0; at < inside.length(); at++) {
            char c = inside.charAt(at);
            if (c == '\'') {
                at++;
            } else if (c == '\\') {
                c = switch (inside.charAt(++at)) {
                    case '0' -> '\0';
                    case 'b' -> '\b';
                    case 'n' -> '\n';
                    case 'r' -> '\r';
                    case 't' -> '\t';
                    case 'Z' -> '\u001a';
                    default -> inside.charAt(at);
                };
            }
            bytes.write(c);
        }
        return bytes.toByteArray();
    }
}
