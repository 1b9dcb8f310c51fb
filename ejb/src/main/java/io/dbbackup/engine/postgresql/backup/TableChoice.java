package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.partial.TableFilter;
import io.dbbackup.engine.postgresql.Quoting;
import io.dbbackup.engine.postgresql.Sql;
import io.dbbackup.engine.postgresql.backup.RelationCatalog.ForeignKey;
import io.dbbackup.engine.postgresql.backup.RelationCatalog.Relation;
import io.dbbackup.model.Selection;
import io.dbbackup.model.TablePattern;
import io.dbbackup.model.manifest.LeftOut;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * What a selection leaves out of one database, so that the rest can be restored by itself: views go with the tables that
 * they read; a table whose definition something else needs stays, without its rows; foreign keys that refer to what is left
 * out are noted.
 */
final class TableChoice {
    private static final String NEEDED = "left out by the filters; its definition is there since others need it";

    private final String database;
    private final Selection selection;
    private final TableFilter filter;
    private final RelationCatalog catalog;
    /** Relations that are not in the set, with the reason. */
    private final Map<Long, String> out = new LinkedHashMap<>();
    /** Tables without their rows, with the reason. */
    private final Map<Long, String> rowless = new LinkedHashMap<>();

    private TableChoice(Sql sql, String database, Selection selection) {
        this.database = database;
        this.selection = selection;
        filter = new TableFilter(selection);
        catalog = RelationCatalog.read(sql);
        if (selection.filtersTables()) {
            filter();
        }
        for (Relation relation : catalog.relations().values()) {
            if (!relation.view() && !out.containsKey(relation.oid())) {
                filter.rowsUnwanted(meaning(relation)).ifPresent(reason -> rowless.putIfAbsent(relation.oid(), reason));
            }
        }
    }

    /** Empty when everything is taken. */
    static Optional<TableChoice> of(Sql sql, String database, Selection selection) {
        return selection.whole() ? Optional.empty() : Optional.of(new TableChoice(sql, database, selection));
    }

    boolean takesRows(long table) {
        return selection.sections() != Selection.Sections.SCHEMA
                && !out.containsKey(table) && !rowless.containsKey(table);
    }

    /** Oids of the relations that are not in the set at all. */
    Set<Long> out() {
        return out.keySet();
    }

    /** Oids of tables whose definition is in the set without their rows. */
    Set<Long> rowless() {
        return rowless.keySet();
    }

    RelationCatalog catalog() {
        return catalog;
    }

    /** Whether large objects are taken: who names the tables to take does not mean them. */
    static boolean largeObjects(Selection selection) {
        return selection.sections() != Selection.Sections.SCHEMA && selection.includeTables().isEmpty()
                && selection.sample().isEmpty();
    }

    /** True when tables are named to be taken and the database has none of them. */
    boolean nothingIncluded() {
        return filter.names() && catalog.relations().values().stream().noneMatch(each ->
                !each.view() && filter.includes(meaning(each)));
    }

    private void filter() {
        Map<Long, String> unwanted = new LinkedHashMap<>();
        for (Relation relation : catalog.relations().values()) {
            filter.unwanted(relation.view(), meaning(relation)).ifPresent(reason -> unwanted.put(relation.oid(), reason));
        }
        // the definitions of configuration tables come with their extensions
        unwanted.forEach((oid, reason) -> {
            if (catalog.relations().get(oid).extension()) {
                rowless.put(oid, reason);
            } else {
                out.put(oid, reason);
            }
        });
        Map<Long, String> views = viewsWithout();
        for (Set<Long> needed = needed(views); !needed.isEmpty(); needed = needed(views)) {
            needed.forEach(oid -> {
                out.remove(oid);
                if (!catalog.relations().get(oid).view()) {
                    rowless.put(oid, NEEDED);
                }
            });
            views = viewsWithout();
        }
        views.forEach(out::putIfAbsent);
    }

    /** Views, and views on views, that cannot be without what is out. */
    private Map<Long, String> viewsWithout() {
        return TableFilter.viewsWithout(
                catalog.relations().values().stream().filter(Relation::view).map(Relation::oid).toList(), catalog::needs,
                out::containsKey, oid -> catalog.relations().get(oid).shown());
    }

    /** What is out and needed by the definition of something that is not. */
    private Set<Long> needed(Map<Long, String> views) {
        Set<Long> needed = new HashSet<>();
        for (long needing : catalog.needing()) {
            if (!out.containsKey(needing) && !views.containsKey(needing)) {
                catalog.needs(needing).forEach(oid -> keep(oid, views, needed, new HashSet<>()));
            }
        }
        return needed;
    }

    /** A view is kept by keeping what it reads. */
    private void keep(long oid, Map<Long, String> views, Set<Long> needed, Set<Long> seen) {
        if (!out.containsKey(oid) && !views.containsKey(oid) || !seen.add(oid)) {
            return;
        }
        if (out.containsKey(oid)) {
            needed.add(oid);
        }
        if (catalog.relations().get(oid).view()) {
            catalog.needs(oid).forEach(read -> keep(read, views, needed, seen));
        }
    }

    /** A pattern that matches a partitioned table means its partitions too. */
    private Predicate<TablePattern> meaning(Relation relation) {
        List<Relation> line = catalog.withAncestors(relation);
        return pattern -> line.stream().anyMatch(each -> pattern.matches(database, each.schema(), each.name()));
    }

    /** @param unfollowed why foreign keys lead from rows of a sample to rows that may not be in it, by their oids */
    LeftOut leftOut(Map<Long, String> unfollowed) {
        List<LeftOut.ForeignKey> keys = new ArrayList<>();
        for (ForeignKey key : catalog.foreignKeys()) {
            looseness(key, unfollowed).ifPresent(reason -> keys.add(loose(key, reason)));
        }
        boolean schemaOnly = selection.sections() == Selection.Sections.SCHEMA;
        return new LeftOut(
                relations(out), relations(rowless),
                selection.sections() == Selection.Sections.DATA ? List.of() : keys, schemaOnly,
                !largeObjects(selection));
    }

    private List<LeftOut.Relation> relations(Map<Long, String> reasons) {
        List<LeftOut.Relation> left = new ArrayList<>();
        new HashMap<>(reasons).entrySet().stream()
                .sorted(Map.Entry.comparingByKey())
                .forEach(entry -> {
                    Relation relation = catalog.relations().get(entry.getKey());
                    left.add(new LeftOut.Relation(relation.schema(), relation.name(), entry.getValue()));
                });
        return left;
    }

    /** Why a foreign key cannot be promised; empty when it can, or when its own table is out. */
    private Optional<String> looseness(ForeignKey key, Map<Long, String> unfollowed) {
        Relation from = catalog.relations().get(key.from());
        Relation to = catalog.relations().get(key.to());
        if (from == null || to == null || out.containsKey(key.from())) {
            return Optional.empty();
        }
        if (out.containsKey(key.to())) {
            return Optional.of("it refers to " + to.shown() + ", which is left out");
        }
        boolean rows = catalog.leaves(key.from()).stream().anyMatch(leaf -> takesRows(leaf.oid()));
        if (!key.validated() || !rows) {
            return Optional.empty();
        }
        if (!catalog.leaves(key.to()).stream().allMatch(leaf -> takesRows(leaf.oid()))) {
            return Optional.of("it refers to rows of " + to.shown() + ", which are left out");
        }
        return Optional.ofNullable(unfollowed.get(key.oid()));
    }

    private LeftOut.ForeignKey loose(ForeignKey key, String reason) {
        Relation from = catalog.relations().get(key.from());
        // NOT VALID is not for partitioned tables before PostgreSQL 18
        boolean addable = !out.containsKey(key.to()) && !from.kind().equals("p");
        String statement = "ALTER TABLE ONLY " + Quoting.qualified(from.schema(), from.name()) + " ADD CONSTRAINT "
                + Quoting.identifier(key.name()) + " " + key.definition() + " NOT VALID";
        return new LeftOut.ForeignKey(
                key.oid(), from.schema(), from.name(), key.name(), addable ? statement : "", reason);
    }
}
