package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.Sql;
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
 * that somebody named must not look like one that has it.
 */
final class PatternCheck {
    private final BackupContext context;
    private final Map<String, TablePattern> includes = new LinkedHashMap<>();
    private final Map<String, TablePattern> excludes = new LinkedHashMap<>();
    private final Map<String, TablePattern> rowExcludes = new LinkedHashMap<>();

    PatternCheck(BackupContext context) {
        this.context = context;
        Selection selection = context.spec().selection();
        parse(selection.includeTables(), includes);
        parse(selection.excludeTables(), excludes);
        parse(selection.excludeTableData(), rowExcludes);
    }

    private static void parse(List<String> texts, Map<String, TablePattern> patterns) {
        texts.forEach(text -> patterns.put(text, TablePattern.parse(text).orElseThrow()));
    }

    /** Looks at one database; patterns that match something there need not be looked for any more. */
    void look(String database, Sql sql) {
        if (includes.isEmpty() && excludes.isEmpty() && rowExcludes.isEmpty()) {
            return;
        }
        for (RelationCatalog.Relation relation : RelationCatalog.relations(sql)) {
            found(excludes, database, relation);
            if (!relation.view()) {
                found(includes, database, relation);
                found(rowExcludes, database, relation);
            }
        }
    }

    private static void found(Map<String, TablePattern> patterns, String database, RelationCatalog.Relation relation) {
        patterns.values().removeIf(pattern -> pattern.matches(database, relation.schema(), relation.name()));
    }

    /**
     * To be called when every database was looked at.
     *
     * @throws BackupException INVALID_PARAMETER naming the patterns of included tables that match none
     */
    void judge() {
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
