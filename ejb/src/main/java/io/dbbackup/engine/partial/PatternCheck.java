package io.dbbackup.engine.partial;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Selection;
import io.dbbackup.model.TablePattern;
import io.dbbackup.spi.BackupContext;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Finds patterns that match nothing in any of the chosen databases, which are probably misspelled: a backup without a table
 * that somebody named must not look like one that has it. Not thread-safe.
 */
public final class PatternCheck {
    private final BackupContext context;
    private final Map<String, TablePattern> includes = new LinkedHashMap<>();
    private final Map<String, TablePattern> excludes = new LinkedHashMap<>();
    private final Map<String, TablePattern> rowExcludes = new LinkedHashMap<>();

    public PatternCheck(BackupContext context) {
        this.context = context;
        Selection selection = context.spec().selection();
        parse(selection.includeTables(), includes);
        parse(selection.excludeTables(), excludes);
        parse(selection.excludeTableData(), rowExcludes);
    }

    private static void parse(List<String> texts, Map<String, TablePattern> patterns) {
        texts.forEach(text -> patterns.put(text, TablePattern.parse(text).orElseThrow()));
    }

    /** Whether {@link #table} need not be called any more. */
    public boolean allFound() {
        return includes.isEmpty() && excludes.isEmpty() && rowExcludes.isEmpty();
    }

    /** Looks at a table or view; patterns that mean it need not be looked for any more. */
    public void table(String database, String schema, String name, boolean view) {
        found(excludes, database, schema, name);
        if (!view) {
            found(includes, database, schema, name);
            found(rowExcludes, database, schema, name);
        }
    }

    private static void found(Map<String, TablePattern> patterns, String database, String schema, String name) {
        patterns.values().removeIf(pattern -> pattern.matches(database, schema, name));
    }

    /**
     * To be called when every database was looked at.
     *
     * @throws BackupException INVALID_PARAMETER naming the patterns of included tables that match none
     */
    public void judge() {
        List<String> without = new ArrayList<>(excludes.keySet());
        without.addAll(rowExcludes.keySet());
        if (!without.isEmpty()) {
            context.warn("what is to be excluded matches nothing: " + String.join(", ", without));
        }
        if (!includes.isEmpty()) {
            throw new BackupException(
                    ErrorCode.INVALID_PARAMETER,
                    "no database of the backup has a table that is meant by " + String.join(", ", includes.keySet()),
                    "Correct or remove these patterns. Upper and lower case differ. " + TablePattern.ALLOWED);
        }
    }
}
