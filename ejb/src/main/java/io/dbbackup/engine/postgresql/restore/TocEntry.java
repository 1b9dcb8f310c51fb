package io.dbbackup.engine.postgresql.restore;

import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * One line of {@code pg_restore --list}: {@code 3211; 1259 16398 INDEX public t_x_idx postgres}.
 *
 * @param id number of the entry in the archive
 * @param catalog oid of the system catalog that the object is in, 0 when it has no identity of its own
 * @param oid of the object on the source
 * @param text the rest of the line: type, schema, name, owner. Its words cannot be told apart for certain, since
 *     types consist of several words and names may contain blanks
 */
record TocEntry(int id, long catalog, long oid, String text) {
    /** Oid of pg_class, the same on every server. */
    static final long PG_CLASS = 1259;
    /** Oid of pg_constraint. */
    static final long PG_CONSTRAINT = 2606;
    /** Oid of pg_event_trigger. */
    private static final long PG_EVENT_TRIGGER = 3466;

    private static final Pattern LINE = Pattern.compile("(\\d+); (\\d+) (\\d+) (.*)");
    private static final List<String> SLOW = List.of("INDEX ", "CONSTRAINT ", "FK CONSTRAINT ", "MATERIALIZED VIEW DATA ");

    static Optional<TocEntry> parse(String line) {
        Matcher matcher = LINE.matcher(line);
        return matcher.matches()
                ? Optional.of(new TocEntry(
                        Integer.parseInt(matcher.group(1)),
                        Long.parseLong(matcher.group(2)),
                        Long.parseLong(matcher.group(3)),
                        matcher.group(4)))
                : Optional.empty();
    }

    boolean is(String type) {
        return text.startsWith(type + " ");
    }

    boolean isIndexOrConstraint() {
        return is("INDEX") && catalog == PG_CLASS
                || (is("CONSTRAINT") || is("FK CONSTRAINT")) && catalog == PG_CONSTRAINT;
    }

    /** Whether few of them make a batch: it reads a table, or creates up to 1000 large objects. */
    boolean slow() {
        return is(LargeObjects.METADATA) && text.contains("..") || SLOW.stream().anyMatch(text::startsWith);
    }

    /**
     * When a definition of the post-data section is due. As in pg_restore, privileges come after the objects and before
     * the materialized views, whose owners need them. Unlike there, event triggers come after these: a trigger that
     * forbids DDL would otherwise forbid refreshing them.
     */
    Turn turn() {
        if (catalog == PG_EVENT_TRIGGER || text.startsWith("COMMENT - EVENT TRIGGER ")
                || text.startsWith("SECURITY LABEL - EVENT TRIGGER ")) {
            return Turn.EVENT_TRIGGER;
        }
        if (is("MATERIALIZED VIEW DATA")) {
            return Turn.REFRESH;
        }
        return is("ACL") || is("DEFAULT ACL") ? Turn.PRIVILEGE : Turn.DEFINITION;
    }

    /** In this order. */
    enum Turn {
        DEFINITION,
        PRIVILEGE,
        REFRESH,
        EVENT_TRIGGER
    }
}
