package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.DatabaseProperties;
import io.dbbackup.engine.postgresql.DatabaseProperties.Setting;
import java.util.ArrayList;
import java.util.List;

/** The search path that the applications of a database have, as the sessions that restore it need it. */
final class SearchPath {
    private static final String SERVER_DEFAULT = "\"$user\", public";
    private static final String CATALOG = "pg_catalog";

    private SearchPath() {}

    /**
     * The database's setting, else PostgreSQL's default. pg_catalog always comes first, as it does unless it is named:
     * definitions in a dump leave it out of names, so that nothing may hide it.
     */
    static String of(DatabaseProperties properties) {
        String path = properties.settings().stream()
                .filter(setting -> setting.role().isEmpty() && setting.name().equals("search_path"))
                .map(Setting::value)
                .findFirst()
                .orElse(SERVER_DEFAULT);
        List<String> names = names(path);
        return names.contains(CATALOG) && !names.get(0).equals(CATALOG) ? CATALOG + ", " + path : path;
    }

    /** Splits a list of identifiers as the catalog has it into plain names. */
    static List<String> names(String list) {
        List<String> names = new ArrayList<>();
        StringBuilder name = new StringBuilder();
        boolean quoted = false;
        boolean any = false;
        for (int i = 0; i < list.length(); i++) {
            char c = list.charAt(i);
            if (c == '"' && quoted && i + 1 < list.length() && list.charAt(i + 1) == '"') {
                name.append('"');
                i++;
            } else if (c == '"') {
                quoted = !quoted;
                any = true;
            } else if (c == ',' && !quoted) {
                names.add(name.toString());
                name.setLength(0);
                any = false;
            } else if (quoted || !Character.isWhitespace(c)) {
                name.append(c);
                any = true;
            }
        }
        if (any) {
            names.add(name.toString());
        }
        return names;
    }
}
