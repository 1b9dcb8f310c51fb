package io.dbbackup.engine.mysql;

import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;

/**
 * A statement in the character set of the client that wrote it, which is how servers keep it: its bytes matter, as those of
 * {@code _binary'ö'}. Immutable.
 *
 * @param client {@code character_set_client}
 * @param text to look at, and to change in what is ASCII
 * @param charset in which the text has exactly the bytes of the statement
 */
public record ClientText(String client, String text, Charset charset) {
    /** Of our own statements. */
    public static final String OURS = "utf8mb4";

    /** What bytes are read as that are no character. */
    public static final char REPLACED = '\uFFFD';

    /** Of the others every byte is a character, also where it is none: an ASCII byte is always itself there. */
    private static final Map<String, String> CHARSETS = Map.ofEntries(
            Map.entry("latin1", "windows-1252"), Map.entry("latin2", "ISO-8859-2"), Map.entry("latin5", "ISO-8859-9"),
            Map.entry("latin7", "ISO-8859-13"), Map.entry("greek", "ISO-8859-7"), Map.entry("hebrew", "ISO-8859-8"),
            Map.entry("cp1250", "windows-1250"), Map.entry("cp1251", "windows-1251"), Map.entry("cp1256", "windows-1256"),
            Map.entry("cp1257", "windows-1257"), Map.entry("cp850", "IBM850"), Map.entry("cp852", "IBM852"),
            Map.entry("cp866", "IBM866"), Map.entry("koi8r", "KOI8-R"), Map.entry("koi8u", "KOI8-U"),
            Map.entry("tis620", "TIS-620"), Map.entry("euckr", "EUC-KR"), Map.entry("ujis", "EUC-JP"), Map.entry("eucjpms", "EUC-JP"),
            Map.entry("gb2312", "GB2312"), Map.entry("gbk", "GBK"), Map.entry("gb18030", "GB18030"), Map.entry("big5", "Big5"),
            Map.entry("sjis", "Shift_JIS"), Map.entry("cp932", "windows-31j"));

    /** A statement of our own. */
    public static ClientText of(String text) {
        return new ClientText(OURS, text, StandardCharsets.UTF_8);
    }

    /** What has no meaning in its character set (a comment may hold anything) keeps its bytes, too. */
    public static ClientText of(byte[] statement, String client) {
        Charset charset = charset(client);
        String text = new String(statement, charset);
        return Arrays.equals(text.getBytes(charset), statement)
                ? new ClientText(client, text, charset)
                : new ClientText(client, new String(statement, StandardCharsets.ISO_8859_1), StandardCharsets.ISO_8859_1);
    }

    /** What Java calls a character set of the servers, as far as it knows it. */
    public static Charset charset(String client) {
        if (unicode(client)) {
            return StandardCharsets.UTF_8;
        }
        String name = CHARSETS.get(client);
        return name != null && Charset.isSupported(name) ? Charset.forName(name) : StandardCharsets.ISO_8859_1;
    }

    /** Whether texts of such clients are UTF-8. */
    public static boolean unicode(String client) {
        return client.startsWith("utf8");
    }

    /** Whether that is known to have all characters of a text. */
    public static boolean encodes(String client, String part) {
        return part.chars().allMatch(c -> c < 0x80)
                || (unicode(client) || CHARSETS.containsKey(client)) && charset(client).newEncoder().canEncode(part);
    }

    /** Whether a text may become a part of this one. */
    public boolean takes(String part) {
        return encodes(client, part) && (part.chars().allMatch(c -> c < 0x80) || charset.equals(charset(client)));
    }

    /** The same with another text. */
    public ClientText with(String changed) {
        return new ClientText(client, changed, charset);
    }

    public byte[] bytes() {
        return text.getBytes(charset);
    }
}
