package io.dbbackup.engine.postgresql.restore;

import io.dbbackup.engine.postgresql.restore.SetDatabase.Piece;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.TreeSet;

/**
 * In which order the blobs of a database are loaded. Bundles of small tables first: they take no time, and their indexes and
 * the foreign keys to them can be built beside the rest. Then the largest tables, each worker with a table of its own as long
 * as there is one: sessions that load the same table wait for each other when they extend it (measured: 18 % more CPU of the
 * server). Several parts of one table at once are the way out only when no other table is left.
 */
final class LoadOrder {
    private final PriorityQueue<Load> running = new PriorityQueue<>(Comparator.comparingLong(Load::end));
    private final TreeSet<Table> waiting = new TreeSet<>();
    private final List<String> order = new ArrayList<>();

    private LoadOrder() {}

    /** A blob that is being loaded, in a time in which a byte takes one. */
    private record Load(long end, Table table) {}

    /** A table that still has blobs. The order of tables: fewest loads at the same time, then the most that is left. */
    private static final class Table implements Comparable<Table> {
        private final int number;
        private final List<String> blobs = new ArrayList<>();
        private final List<Long> bytes = new ArrayList<>();
        private int next;
        private int loads;
        private long left;

        Table(int number) {
            this.number = number;
        }

        @Override
        public int compareTo(Table other) {
            int byLoads = Integer.compare(loads, other.loads);
            int byLeft = byLoads == 0 ? Long.compare(other.left, left) : byLoads;
            return byLeft == 0 ? Integer.compare(number, other.number) : byLeft;
        }
    }

    /**
     * @param workers that load at the same time
     * @return the names of all blobs with rows
     */
    static List<String> of(SetDatabase database, int workers) {
        LoadOrder plan = new LoadOrder();
        Map<String, Table> tables = new LinkedHashMap<>();
        database.pieces().forEach((blob, pieces) -> {
            Piece first = pieces.get(0);
            if (pieces.size() > 1 || !first.part().member().isEmpty()) {
                plan.order.add(blob);
            } else {
                Table table = tables.computeIfAbsent(first.tableName(), name -> new Table(tables.size()));
                long bytes = database.blob(blob).plainBytes();
                table.blobs.add(blob);
                table.bytes.add(bytes);
                table.left += bytes;
            }
        });
        plan.waiting.addAll(tables.values());
        plan.load(workers);
        return plan.order;
    }

    private void load(int workers) {
        long now = 0;
        while (!waiting.isEmpty()) {
            if (running.size() == workers) {
                Load ended = running.remove();
                now = ended.end();
                change(ended.table(), () -> ended.table().loads--);
            }
            Table table = waiting.first();
            long bytes = table.bytes.get(table.next);
            order.add(table.blobs.get(table.next));
            running.add(new Load(now + bytes, table));
            change(table, () -> {
                table.next++;
                table.loads++;
                table.left -= bytes;
            });
        }
    }

    /** A sorted set does not notice that what it is sorted by changes. */
    private void change(Table table, Runnable change) {
        waiting.remove(table);
        change.run();
        if (table.next < table.blobs.size()) {
            waiting.add(table);
        }
    }
}
