package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.TableProperties;
import io.dbbackup.engine.postgresql.TableProperties.Index;
import io.dbbackup.model.manifest.PartManifest;
import io.dbbackup.model.manifest.TableManifest;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Predicate;

/**
 * Which index items a database has: one per bundle of small tables, one per table of its own blobs, and for a big table
 * one for its constraints and one per index, so that they are built in parallel.
 *
 * <p>Indexes that call functions which are not built in are not among them: such a function may read other tables. They
 * are part of the rest.
 */
final class IndexPlan {
    /** From this size on, in plain bytes, the indexes of a table are items of their own. */
    static final long BIG = 64L << 20;
    /** What a slow index costs, by that of one on numbers (measured: text of 25 characters 2.5, an integer 1). */
    private static final int SLOW = 3;

    private IndexPlan() {}

    /**
     * A group of indexes.
     *
     * @param label what they belong to
     * @param indexes oids of indexes without a constraint
     * @param constraints oids of constraints
     * @param tables oids of the tables
     * @param blobs blobs that must be loaded before
     * @param bytes plain bytes of the tables
     * @param effort what building it costs: rows of the tables, once for each index, slow ones counted several times
     * @param afterConstraints whether the item with the constraints of the same table must be done before: adding a
     *     constraint excludes every other work on the table, and a worker would only wait for the lock
     * @param beside how many groups of the same table, this one included, can be built at the same time
     */
    record Group(
            String label, List<Long> indexes, List<Long> constraints, Set<Long> tables, Set<String> blobs, long bytes,
            long effort, boolean afterConstraints, int beside) {}

    static List<Group> of(SetDatabase database) {
        Map<String, List<TableManifest>> bundled = new LinkedHashMap<>();
        List<Group> groups = new ArrayList<>();
        for (TableManifest table : database.manifest().tables()) {
            PartManifest first = table.parts().get(0);
            if (table.parts().size() == 1 && !first.member().isEmpty()) {
                bundled.computeIfAbsent(first.blob(), name -> new ArrayList<>()).add(table);
            } else {
                groups.addAll(single(table));
            }
        }
        bundled.forEach((blob, tables) -> group("tables of " + blob, tables, Set.of(blob)).ifPresent(groups::add));
        return groups;
    }

    private static List<Group> single(TableManifest table) {
        Set<String> blobs = new LinkedHashSet<>();
        table.parts().forEach(part -> blobs.add(part.blob()));
        String label = "table " + table.schema() + "." + table.name();
        Group all = group(label, List.of(table), blobs).orElse(null);
        if (all == null) {
            return List.of();
        }
        if (all.bytes() < BIG || all.indexes().size() + all.constraints().size() < 2) {
            return List.of(all);
        }
        List<Group> groups = new ArrayList<>();
        if (!all.constraints().isEmpty()) {
            groups.add(new Group(
                    label + " constraints", List.of(), all.constraints(), all.tables(), blobs, all.bytes(),
                    effort(table, index -> all.constraints().contains(index.constraint())), false, 1));
        }
        for (Index index : SetDatabase.properties(table).indexes()) {
            if (all.indexes().contains(index.oid())) {
                groups.add(new Group(
                        label + " index " + index.name(), List.of(index.oid()), List.of(), all.tables(), blobs, all.bytes(),
                        effort(table, index::equals), !all.constraints().isEmpty(), all.indexes().size()));
            }
        }
        return groups;
    }

    private static Optional<Group> group(String label, List<TableManifest> tables, Set<String> blobs) {
        List<Long> indexes = new ArrayList<>();
        List<Long> constraints = new ArrayList<>();
        Set<Long> oids = new HashSet<>();
        long bytes = 0;
        long effort = 0;
        for (TableManifest table : tables) {
            TableProperties properties = SetDatabase.properties(table);
            oids.add(properties.oid());
            for (Index index : properties.indexes()) {
                if (!index.callsFunctions()) {
                    (index.constraint() == 0 ? indexes : constraints)
                            .add(index.constraint() == 0 ? index.oid() : index.constraint());
                }
            }
            bytes += bytes(table);
            effort += effort(table, index -> !index.callsFunctions());
        }
        return indexes.isEmpty() && constraints.isEmpty()
                ? Optional.empty()
                : Optional.of(new Group(label, indexes, constraints, oids, blobs, bytes, effort, false, 1));
    }

    private static long effort(TableManifest table, Predicate<Index> which) {
        return table.content().rows() * SetDatabase.properties(table).indexes().stream()
                .filter(which)
                .mapToLong(index -> index.slow() ? SLOW : 1)
                .sum();
    }

    static long bytes(TableManifest table) {
        return table.parts().stream().mapToLong(PartManifest::plainBytes).sum();
    }
}
