package io.dbbackup.throwaway;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A database's schema as {@code pg_dump --schema-only --create} writes it, cut into its entries. The order of entries is left
 * out: among equals it follows object ids, which a restored database does not keep.
 */
final class SchemaText {

    private static final Pattern ENTRY = Pattern.compile("(?m)^--\n-- (Name: [\\s\\S]*?)\n--\n");

    /** Lines that differ between any two dumps, and settings that belong to the entry that follows in the dump's order. */
    private static final Pattern NOISE = Pattern.compile(
            "(?m)^(\\\\(un)?restrict .*|\\\\encoding .*|\\\\connect .*|-- Dumped .*|-- PostgreSQL database dump.*|SET .*|--|)\n");

    private SchemaText() {}

    /**
     * @param shownName what to call the database in the result, so that one restored under another name compares equal
     */
    static Map<String, String> of(PostgresEndpoint server, String database, String shownName) {
        String dump = server.tool("pg_dump", List.of(
                "--schema-only", "--create", "--encoding=UTF8", "--no-sync", "--dbname=" + server.conninfo(database)));
        Map<String, String> entries = new TreeMap<>();
        Matcher matcher = ENTRY.matcher(dump);
        String name = "head";
        int from = 0;
        while (matcher.find()) {
            add(entries, name, dump.substring(from, matcher.start()), database, shownName);
            name = matcher.group(1);
            from = matcher.end();
        }
        add(entries, name, dump.substring(from), database, shownName);
        entries.remove("head");
        return entries;
    }

    private static void add(Map<String, String> entries, String name, String text, String database, String shownName) {
        String cleaned = NOISE.matcher(text + "\n").replaceAll("").strip();
        String key = name;
        if (name.contains("Type: DATABASE") || name.contains("; Type: ACL; Schema: -") || name.contains("Name: DATABASE ")) {
            key = name.replace(database, shownName);
            cleaned = cleaned.replace(identifier(database), identifier(shownName)).replace(database, shownName);
        }
        if (key.startsWith("Name: postgres; Type: DATABASE;")) {
            return; // every server has its own, with the encoding and locale it was initialised with
        }
        // Overloads and the like share a header: number them by their text, not by their order.
        entries.merge(key, cleaned, (a, b) -> a.compareTo(b) < 0 ? a + "\n" + b : b + "\n" + a);
    }

    private static String identifier(String name) {
        return "\"" + name.replace("\"", "\"\"") + "\"";
    }
}
