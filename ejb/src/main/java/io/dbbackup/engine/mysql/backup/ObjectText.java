package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.ClientText;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.function.Consumer;

/**
 * What SHOW CREATE says of an object, all in the character set of the client that wrote it: the servers put names, definers and
 * comments, which they keep in UTF-8, into the midst of it as they are (seen with MariaDB 10.11 and MySQL 8.0.12). Stateless.
 */
final class ObjectText {
    private ObjectText() {}

    /**
     * @param shown the very bytes
     * @param names of the object, its table and its definer
     * @param lost takes what that character set cannot say
     */
    static ClientText of(byte[] shown, String client, List<String> names, String comment, Consumer<String> lost) {
        if (ClientText.unicode(client)) {
            return ClientText.of(shown, client);
        }
        String bytes = new String(shown, StandardCharsets.ISO_8859_1);
        for (String name : names) {
            if (ClientText.encodes(client, name)) {
                bytes = recoded(bytes, "`" + name.replace("`", "``") + "`", client);
                bytes = recoded(bytes, "\"" + name.replace("\"", "\"\"") + "\"", client);
            } else {
                lost.accept(name);
            }
        }
        if (ClientText.encodes(client, comment)) {
            bytes = recoded(bytes, "COMMENT '" + escaped(comment) + "'", client);
        } else {
            lost.accept(comment);
        }
        return ClientText.of(bytes.getBytes(StandardCharsets.ISO_8859_1), client);
    }

    /** @param bytes every character is one; so is the result */
    private static String recoded(String bytes, String part, String client) {
        String raw = as(part, StandardCharsets.UTF_8);
        String right = as(part, ClientText.charset(client));
        int at = bytes.indexOf(raw);
        int there = bytes.indexOf(right);
        // what comes behind the right one is the author's own text
        return at < 0 || there >= 0 && there <= at
                ? bytes
                : bytes.substring(0, at) + right + bytes.substring(at + raw.length());
    }

    private static String as(String part, Charset charset) {
        return new String(part.getBytes(charset), StandardCharsets.ISO_8859_1);
    }

    /** As the servers write a comment. */
    private static String escaped(String comment) {
        return comment.replace("\\", "\\\\").replace("\0", "\\0").replace("\n", "\\n").replace("\r", "\\r").replace("'", "''");
    }
}
