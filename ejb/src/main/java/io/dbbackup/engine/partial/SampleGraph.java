package io.dbbackup.engine.partial;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;

/**
 * Which foreign keys a sample follows from chosen rows to the rows that they refer to, as edges between the tables that hold
 * the rows. Not thread-safe while it is built.
 *
 * @param <T> identifies a table
 * @param <K> a foreign key
 */
public final class SampleGraph<T extends Comparable<T>, K> {
    /** Most tables whose chosen rows one query asks for: it grows with each of them. */
    public static final int MOST_TABLES = 300;

    /** Why a table with more than {@link #MOST_TABLES} of them is not followed. */
    public static final String TOO_MANY = "too many tables lead to it for a sample to follow all of them";

    /** Rows of {@code from} refer to rows of {@code to}. */
    public record Edge<T, K>(T from, T to, K key) {}

    private final Map<T, List<Edge<T, K>>> into = new HashMap<>();
    private final Map<K, String> unfollowed = new LinkedHashMap<>();

    /** Adds a key that is followed. */
    public void follow(T from, T to, K key) {
        into.computeIfAbsent(to, table -> new ArrayList<>()).add(new Edge<>(from, to, key));
    }

    /** Says of a key that it is not followed. */
    public void refuse(K key, String reason) {
        unfollowed.put(key, reason);
        into.values().forEach(all -> all.removeIf(edge -> edge.key.equals(key)));
    }

    /** Gives up the keys that lead to these tables, among the edges that are given. */
    public void unfollow(Set<T> tables, List<Edge<T, K>> edges, String reason) {
        edges.stream()
                .filter(edge -> tables.contains(edge.to))
                .map(Edge::key)
                .collect(Collectors.toSet())
                .forEach(key -> refuse(key, reason));
    }

    /** Gives up tables that more tables lead to than one query can ask for. */
    public void unfollowCrowds(int most) {
        for (T table : List.copyOf(into.keySet())) {
            if (referring(table).size() > most) {
                unfollow(Set.of(table), into(table), TOO_MANY);
            }
        }
    }

    /** Why keys are not followed. */
    public Map<K, String> unfollowed() {
        return unfollowed;
    }

    /** The edges that lead to a table. */
    public List<Edge<T, K>> into(T table) {
        return into.getOrDefault(table, List.of());
    }

    /** Tables that edges lead or have led to. */
    public Set<T> tables() {
        return Set.copyOf(into.keySet());
    }

    /** The table and all whose chosen rows decide about its own. */
    public Set<T> referring(T table) {
        Set<T> seen = new TreeSet<>(Set.of(table));
        Deque<T> open = new ArrayDeque<>(seen);
        while (!open.isEmpty()) {
            for (Edge<T, K> edge : into(open.remove())) {
                if (seen.add(edge.from)) {
                    open.add(edge.from);
                }
            }
        }
        return seen;
    }

    /** The tables that a table refers to and that refer to it, in a circle, itself among them; alone when there is none. */
    public Set<T> circle(T table) {
        Set<T> circle = new TreeSet<>();
        for (T other : referring(table)) {
            if (referring(other).contains(table)) {
                circle.add(other);
            }
        }
        return circle;
    }

    /** Whether the circle is one: more than a table, or one that refers to itself. */
    public boolean turns(Set<T> circle) {
        return circle.size() > 1
                || circle.stream().anyMatch(table -> into(table).stream().anyMatch(edge -> edge.from.equals(table)));
    }

    /** The edges inside of a circle. */
    public List<Edge<T, K>> inside(Set<T> circle) {
        return circle.stream()
                .flatMap(member -> into(member).stream())
                .filter(edge -> circle.contains(edge.from))
                .toList();
    }
}
