package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.engine.mysql.StorageEngines;
import io.dbbackup.engine.mysql.backup.RelationCatalog.ForeignKey;
import io.dbbackup.engine.partial.TableFilter;
import io.dbbackup.model.Selection;
import io.dbbackup.model.TablePattern;
import io.dbbackup.model.manifest.LeftOut;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Predicate;

/**
 * What a selection leaves out of one database, so that the rest can be restored by itself: views go with the tables that they
 * read, triggers with theirs; foreign keys that refer to what is left out are noted. A pattern's schema is the database.
 */
final class TableChoice {
    /** Without a column that would make the server open the tables, and ask other servers for some of them. */
    private static final String ROWLESS = "SELECT table_name, engine FROM information_schema.tables WHERE table_schema = ? AND "
            + StorageEngines.ownsNoneCondition("engine");
    private static final String NO_ROWS = " have no rows of their own";

    private final String database;
    private final Selection selection;
    private final TableFilter filter;
    /** Only where something is left out. */
    private final Optional<RelationCatalog> catalog;
    /** Tables and views that are not in the set, with the reason. */
    private final Map<String, String> out = new TreeMap<>();
    /** Tables without their rows, with the reason. */
    private final Map<String, String> rowless = new TreeMap<>();
    /** Statements that add foreign keys, by table and name. */
    private final Map<List<String>, String> added = new HashMap<>();

    /** @param sql session in that database */
    TableChoice(Sql sql, String database, Selection selection) {
        this.database = database;
        this.selection = selection;
        filter = new TableFilter(selection);
        catalog = selection.whole() ? Optional.empty() : Optional.of(new RelationCatalog(sql, database));
        catalog.ifPresent(this::choose);
        if (values()) {
            sql.listAll(ROWLESS, row -> takes(row.getString(1))
                    ? rowless.put(row.getString(1), "tables of " + row.getString(2) + NO_ROWS)
                    : "", database);
        }
    }

    private void choose(RelationCatalog relations) {
        relations.tables().forEach(table ->
                filter.unwanted(false, meaning(database, table)).ifPresent(reason -> out.put(table, reason)));
        relations.views().keySet().forEach(view ->
                filter.unwanted(true, meaning(database, view)).ifPresent(reason -> out.put(view, reason)));
        TableFilter.viewsWithout(relations.views().keySet(), relations.views()::get, out::containsKey, this::shown)
                .forEach(out::putIfAbsent);
        relations.tables().stream()
                .filter(table -> !out.containsKey(table))
                .forEach(table -> filter.rowsUnwanted(meaning(database, table))
                        .ifPresent(reason -> rowless.put(table, reason)));
    }

    private static Predicate<TablePattern> meaning(String database, String table) {
        return pattern -> pattern.matches(database, database, table);
    }

    private String shown(String relation) {
        return database + "." + relation;
    }

    /** Whether a table or view is in the set at all. */
    boolean takes(String relation) {
        return !out.containsKey(relation);
    }

    /** Whether a table that is not there any more would be. */
    boolean wants(String gone) {
        return filter.unwanted(false, meaning(database, gone)).isEmpty();
    }

    boolean takesRows(String table) {
        return values() && takes(table) && !rowless.containsKey(table);
    }

    /** Whether definitions are taken. */
    boolean definitions() {
        return selection.sections() != Selection.Sections.DATA;
    }

    /** Whether rows are taken, and where sequences and counters are. */
    boolean values() {
        return selection.sections() != Selection.Sections.SCHEMA;
    }

    /** Whether the rows are a sample, so that nobody is to read all of them. */
    boolean samples() {
        return selection.sample().isPresent();
    }

    /** Names of the tables and views that are not in the set. */
    Iterable<String> out() {
        return out.keySet();
    }

    Optional<RelationCatalog> catalog() {
        return catalog;
    }

    /** True when tables are named to be taken and the database has none of them. */
    boolean nothingIncluded() {
        return filter.names() && catalog.orElseThrow().tables().stream()
                .noneMatch(table -> filter.includes(meaning(database, table)));
    }

    /** Whether a foreign key can be there when the set is restored. The statement that adds it is remembered. */
    boolean takesKey(String table, String name, String statement) {
        if (catalog.isEmpty()) {
            return true;
        }
        added.put(List.of(table, name), statement);
        return catalog.get().foreignKey(table, name).filter(this::refersToNothing).isEmpty();
    }

    private boolean refersToNothing(ForeignKey key) {
        return here(key)
                ? !takes(key.toTable())
                : filter.unwanted(false, meaning(key.toDatabase(), key.toTable())).isPresent();
    }

    private boolean here(ForeignKey key) {
        return key.toDatabase().equals(database);
    }

    /**
     * What is not in the set; empty when everything is.
     *
     * @param unfollowed why foreign keys lead from rows of a sample to rows that may not be in it
     */
    Optional<LeftOut> leftOut(Map<ForeignKey, String> unfollowed) {
        if (catalog.isEmpty() && rowless.isEmpty()) {
            return Optional.empty();
        }
        List<LeftOut.ForeignKey> keys = new ArrayList<>();
        catalog.filter(relations -> definitions()).ifPresent(relations -> relations.foreignKeys().forEach(key ->
                looseness(key, unfollowed).ifPresent(reason -> keys.add(loose(key, reason)))));
        // there are no large objects
        return Optional.of(new LeftOut(relations(out), relations(rowless), keys, !values(), false));
    }

    private List<LeftOut.Relation> relations(Map<String, String> reasons) {
        return reasons.entrySet().stream()
                .map(entry -> new LeftOut.Relation(database, entry.getKey(), entry.getValue()))
                .toList();
    }

    /** Why a foreign key cannot be promised; empty when it can, or when its own table is out. */
    private Optional<String> looseness(ForeignKey key, Map<ForeignKey, String> unfollowed) {
        String to = key.toDatabase() + "." + key.toTable();
        if (!takes(key.table())) {
            return Optional.empty();
        }
        if (refersToNothing(key)) {
            return Optional.of("it refers to " + to + ", which is left out");
        }
        if (!takesRows(key.table())) {
            return Optional.empty();
        }
        boolean rows = here(key)
                ? takesRows(key.toTable())
                : filter.rowsUnwanted(meaning(key.toDatabase(), key.toTable())).isEmpty();
        if (!rows) {
            return Optional.of("it refers to rows of " + to + ", which are left out");
        }
        return !here(key) && selection.sample().isPresent()
                ? Optional.of("it refers to another database, where a sample does not follow it")
                : Optional.ofNullable(unfollowed.get(key));
    }

    private LeftOut.ForeignKey loose(ForeignKey key, String reason) {
        String statement = refersToNothing(key) ? "" : added.getOrDefault(List.of(key.table(), key.name()), "");
        return new LeftOut.ForeignKey(0, database, key.table(), key.name(), statement, reason);
    }
}
