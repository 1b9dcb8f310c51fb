package io.dbbackup.engine.postgresql.backup;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * Patterns for {@code pg_dump --exclude-table-data} that match exactly the given tables of a schema, whatever their
 * names are. ASCII only, since the arguments of a process started by a JVM in the C locale lose everything else.
 *
 * <p>Names become one regular expression with common beginnings factored out: ten thousand plain alternatives keep
 * pg_dump busy for minutes, the same as a prefix tree for about a second.
 */
final class ExclusionPatterns {
    private static final int NAMES = 2000;
    /** Linux takes at most 128 KiB per argument. */
    private static final int LENGTH = 100_000;

    private ExclusionPatterns() {}

    /** Every table of the schema; only when nothing in it but tables has data. */
    static String whole(String schema, NameAtoms atoms) {
        return String.join("", atoms.of(schema)) + ".*";
    }

    /** Exactly these tables of the schema. */
    static List<String> exact(String schema, List<String> tables, NameAtoms atoms) {
        String prefix = String.join("", atoms.of(schema)) + ".";
        List<String> patterns = new ArrayList<>();
        Node root = new Node();
        int names = 0;
        int length = 0;
        for (String table : tables) {
            List<String> name = atoms.of(table);
            int more = name.stream().mapToInt(String::length).sum() + 3;
            if (names == NAMES || names > 0 && length + more > LENGTH) {
                patterns.add(prefix + root.expression());
                root = new Node();
                names = 0;
                length = 0;
            }
            root.add(name);
            names++;
            length += more;
        }
        if (names > 0) {
            patterns.add(prefix + root.expression());
        }
        return patterns;
    }

    /** Spells a name as pieces of a regular expression, one per character of the database's encoding. */
    @FunctionalInterface
    interface NameAtoms {
        List<String> of(String name);

        /** For a database in UTF8. */
        static List<String> unicode(String name) {
            return spell(name.codePoints().toArray());
        }

        /**
         * Spells characters by their numbers. Outside double quotes pg_dump folds letters to lower case and gives
         * {@code . * ?} meanings of its own, but passes a backslash through, so everything odd is an escape.
         */
        static List<String> spell(int[] characters) {
            List<String> atoms = new ArrayList<>(characters.length);
            boolean open = false;
            for (int c : characters) {
                boolean plain = c >= 'a' && c <= 'z' || c >= '0' && c <= '9' || c == '_';
                if (plain && !open) {
                    atoms.add(Character.toString(c));
                } else if (c <= 0xffff) {
                    atoms.add("\\u%04x".formatted(c));
                    open = false;
                } else {
                    // takes every hexadecimal digit that follows, so that the next character must not be one
                    atoms.add("\\x%x".formatted(c));
                    open = true;
                }
            }
            return atoms;
        }
    }

    /** Node of the prefix tree. */
    private static final class Node {
        private final Map<String, Node> children = new TreeMap<>();
        private boolean end;

        void add(List<String> name) {
            Node node = this;
            for (String atom : name) {
                node = node.children.computeIfAbsent(atom, key -> new Node());
            }
            node.end = true;
        }

        String expression() {
            List<String> alternatives = new ArrayList<>();
            if (end && !children.isEmpty()) {
                alternatives.add("");
            }
            children.forEach((atom, child) -> alternatives.add(atom + child.expression()));
            return switch (alternatives.size()) {
                case 0 -> "";
                case 1 -> alternatives.get(0);
                default -> "(" + String.join("|", alternatives) + ")";
            };
        }
    }
}
