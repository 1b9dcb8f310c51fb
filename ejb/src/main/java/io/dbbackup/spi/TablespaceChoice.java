package io.dbbackup.spi;

import java.util.Map;

/**
 * Where restored objects go that were in a tablespace.
 *
 * @param none everything goes to the target's default tablespace
 * @param mapping name in the set to name on the target; what is not named keeps its name
 */
public record TablespaceChoice(boolean none, Map<String, String> mapping) {
    /** Every object into the tablespace of the same name. */
    public static final TablespaceChoice SAME = new TablespaceChoice(false, Map.of());
    /** Every object into the default tablespace. */
    public static final TablespaceChoice DEFAULT = new TablespaceChoice(true, Map.of());

    public TablespaceChoice {
        mapping = Map.copyOf(mapping);
    }

    /** Name on the target. */
    public String of(String name) {
        return mapping.getOrDefault(name, name);
    }

    /** Whether the set's own tablespace of that name is wanted on the target. */
    public boolean keeps(String name) {
        return !none && !mapping.containsKey(name);
    }
}
