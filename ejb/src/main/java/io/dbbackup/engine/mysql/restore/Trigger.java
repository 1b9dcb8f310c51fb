package io.dbbackup.engine.mysql.restore;

import io.dbbackup.engine.mysql.TriggerText;
import java.nio.charset.Charset;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;

/**
 * A trigger of a table on the target.
 *
 * @param event INSERT or DELETE; newer servers may have several in one trigger
 * @param timing BEFORE or AFTER
 * @param definer {@code user@host}, or a role
 */
record Trigger(String table, String name, String event, String timing, String definer, Form form) {
    private static final int SHOWN = 50;

    /**
     * All that SHOW CREATE TRIGGER says, but for when it was created.
     *
     * @param client the character set in which its author wrote it
     * @param connection collation of literals
     * @param database collation of the database at that time
     * @param text the statement; every character is a byte of it, in the character set of the client
     */
    record Form(String sqlMode, String client, String connection, String database, String text) {
        /** The text without the name of its database and of neighbours. */
        String here() {
            // only in known letters a name without quotes can be told from what follows it
            Charset known = client.startsWith("utf8") ? StandardCharsets.UTF_8 : StandardCharsets.ISO_8859_1;
            byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
            String decoded = new String(bytes, known);
            return Arrays.equals(bytes, decoded.getBytes(known))
                    ? new String(TriggerText.here(decoded).getBytes(known), StandardCharsets.ISO_8859_1)
                    : TriggerText.here(text);
        }
    }

    /** Those of one group fire one after the other, in an order. */
    List<String> group() {
        return List.of(table, event, timing);
    }

    @Override
    public String toString() {
        return name + " on " + table;
    }

    /** For people. */
    static String some(List<Trigger> triggers) {
        return String.join(", ", triggers.stream().limit(SHOWN).map(Trigger::toString).toList())
                + (triggers.size() > SHOWN ? " and " + (triggers.size() - SHOWN) + " more" : "");
    }
}
