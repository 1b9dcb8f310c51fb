package io.dbbackup.service.config;

import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/** Reads the names of the items of one section, which are unique and fit into the paths of every store. */
final class Names {
    private static final String PATTERN = "[A-Za-z0-9][A-Za-z0-9._-]{0,99}";

    private final String kind;
    private final Map<String, Integer> lines = new HashMap<>();

    Names(String kind) {
        this.kind = kind;
    }

    /** The name, or a placeholder after an error. */
    String read(YamlMapping item) {
        Optional<String> name = item.required("name", "Give each " + kind + " a name.");
        name.ifPresent(n -> {
            item.where(kind + " \"" + n + "\"");
            if (!n.matches(PATTERN)) {
                item.error(
                        "name",
                        "the name cannot be used",
                        "Use 1 to 100 letters, digits, dots, dashes and underscores; begin with a letter or digit.");
            }
            int line = item.at("name").getStartMark().map(m -> m.getLine() + 1).orElse(0);
            Integer first = lines.putIfAbsent(n, line);
            if (first != null) {
                item.error("name", "this name is already used in line " + first, "Give each " + kind + " its own name.");
            }
        });
        return name.orElse("");
    }
}
