package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.postgresql.backup.RelationCatalog.ForeignKey;
import io.dbbackup.engine.postgresql.backup.RelationCatalog.Relation;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.LongPredicate;

/**
 * Which foreign keys a sample follows from chosen rows to the rows that they refer to, as edges between the tables that hold
 * the rows, partitions among them.
 */
final class SampleGraph {
    /** Most tables whose chosen rows one query asks for: it grows with each of them. */
    static final int MOST_TABLES = 300;

    /** Rows of {@code from} refer to rows of {@code to}. */
    record Edge(long from, long to, ForeignKey key) {}

    private final Map<Long, List<Edge>> into = new HashMap<>();
    private final Map<Long, String> unfollowed = new LinkedHashMap<>();

    /**
     * @param sampled tables of which a part is chosen; keys of others are satisfied, or are nobody's concern
     * @param steady tables that keep their rows until the snapshot ends
     */
    SampleGraph(RelationCatalog catalog, LongPredicate sampled, LongPredicate steady, int most) {
        for (ForeignKey key : catalog.foreignKeys()) {
            List<Relation> from = catalog.leaves(key.from()).stream().filter(leaf -> sampled.test(leaf.oid())).toList();
            List<Relation> to = catalog.leaves(key.to()).stream().filter(leaf -> sampled.test(leaf.oid())).toList();
            if (from.size() * to.size() > most) {
                unfollowed.put(key.oid(), "its tables have too many partitions for a sample to follow it");
            } else if (!from.stream().allMatch(leaf -> steady.test(leaf.oid()))) {
                unfollowed.put(key.oid(), "the server has too little room for locks to follow it while a sample is taken"
                        + " (max_locks_per_transaction)");
            } else {
                from.forEach(child -> to.forEach(parent -> into.computeIfAbsent(parent.oid(), oid -> new ArrayList<>())
                        .add(new Edge(child.oid(), parent.oid(), key))));
            }
        }
        for (long table : List.copyOf(into.keySet())) {
            if (referring(table).size() > most) {
                unfollow(Set.of(table), into.get(table), "too many tables lead to it for a sample to follow all of them");
            }
        }
    }

    /** Gives up the keys that lead to these tables, among the edges that are given. */
    void unfollow(Set<Long> tables, List<Edge> edges, String reason) {
        Set<Long> keys = new HashSet<>();
        edges.stream().filter(edge -> tables.contains(edge.to)).forEach(edge -> keys.add(edge.key.oid()));
        keys.forEach(key -> unfollowed.put(key, reason));
        into.values().forEach(all -> all.removeIf(edge -> keys.contains(edge.key.oid())));
    }

    /** Why keys are not followed, by their oids. */
    Map<Long, String> unfollowed() {
        return unfollowed;
    }

    List<Edge> into(long table) {
        return into.getOrDefault(table, List.of());
    }

    Set<Long> tables() {
        return Set.copyOf(into.keySet());
    }

    /** The table and all whose chosen rows decide about its own. */
    Set<Long> referring(long table) {
        Set<Long> seen = new TreeSet<>(Set.of(table));
        Deque<Long> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            for (Edge edge : into(open.remove())) {
                if (seen.add(edge.from)) {
                    open.add(edge.from);
                }
            }
        }
        return seen;
    }

    /** The tables that a table refers to and that refer to it, in a circle, itself among them; alone when there is none. */
    Set<Long> circle(long table) {
        Set<Long> circle = new TreeSet<>();
        for (long other : referring(table)) {
            if (referring(other).contains(table)) {
                circle.add(other);
            }
        }
        return circle;
    }

    /** Whether the circle is one: more than a table, or one that refers to itself. */
    boolean turns(Set<Long> circle) {
        return circle.size() > 1
                || circle.stream().anyMatch(table -> into(table).stream().anyMatch(edge -> edge.from == table));
    }
}
