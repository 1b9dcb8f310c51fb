package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.engine.BlobNames;
import io.dbbackup.model.Plural;
import io.dbbackup.spi.ItemDraft;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Locale;
import java.util.Set;
import java.util.TreeMap;

/** Cuts a database into work items: big tables into ranges of pages, small ones into bundles. */
final class PartPlanner {
    static final long MEMBER_BYTES = 1 << 20;
    private static final long BUNDLE_BYTES = 16 << 20;
    /**
     * Every table of a bundle is one or two locks of the transaction that reads it, and later of the one that loads it, on
     * a server that may have room for a few thousand.
     */
    private static final int BUNDLE_TABLES = 200;
    private static final int STABLE_TABLES = 64;
    /** A table below this is not spread over the workers: a split costs more than the tail it avoids. */
    private static final long TAIL_BYTES = 64 << 20;
    /** How many times a worker's fair share: the scan of a range of pages costs the server a fifth more. */
    private static final double TAIL_SHARE = 1.25;

    static final int CLOSING = 0;
    static final int SCHEMA = 5;
    static final int DATA = 10;
    /** Behind all parts, so that about as many snapshots are open as there are workers. */
    static final int OPENING = 20;

    private final String database;
    private final String prefix;
    private final String keyPrefix;
    private final int workers;
    private final long partBytes;
    private final long clusterBytes;
    private final int major;
    private final Optional<Earlier> earlier;
    private final Map<Long, TableActivity> activity = new TreeMap<>();
    private final List<ItemDraft> items = new ArrayList<>();

    /**
     * What a backup knows that later ones may refer to, or that may refer to an earlier one: it cuts tables at pages that do not move
     * when they grow.
     *
     * @param known parts of the earlier set, if there is one
     * @param counters of the server, see {@link TableActivity#counters}
     * @param reliable whether they say anything about changes
     */
    record Earlier(KnownParts known, Map<Long, long[]> counters, boolean reliable) {}

    PartPlanner(
            SnapshotSession session, String prefix, int workers, long partBytes, long clusterBytes, Optional<Earlier> earlier) {
        this(session.database(), prefix, session.major(), workers, partBytes, clusterBytes, earlier);
    }

    PartPlanner(
            String database,
            String prefix,
            int major,
            int workers,
            long partBytes,
            long clusterBytes,
            Optional<Earlier> earlier) {
        this.earlier = earlier;
        this.database = database;
        this.prefix = prefix;
        keyPrefix = prefix.substring(prefix.indexOf('/') + 1);
        this.major = major;
        this.workers = workers;
        this.partBytes = Math.max(partBytes, MEMBER_BYTES);
        this.clusterBytes = clusterBytes;
    }

    /** The items of a database: schema, parts, bundles, and the closing one that needs them all. */
    List<ItemDraft> plan(List<TableListing> tables) {
        items.add(new ItemDraft(
                keyPrefix + "/schema", ItemData.SCHEMA, database + ": definitions", database, 0, SCHEMA,
                new ItemData.Place(prefix), Set.of()));
        List<TableListing> small = new ArrayList<>();
        tables.stream()
                .sorted(Comparator.comparingLong(TableListing::bytes).reversed().thenComparing(TableListing::oid))
                .forEach(table -> {
                    if (table.bytes() <= MEMBER_BYTES) {
                        small.add(table);
                    } else {
                        split(table);
                    }
                });
        bundle(small);
        Set<String> needs = new LinkedHashSet<>();
        items.forEach(item -> needs.add(item.key()));
        items.add(new ItemDraft(
                keyPrefix + "/close", ItemData.CLOSE, database + ": manifest", database, 0, CLOSING,
                new ItemData.Place(prefix), needs));
        return items;
    }

    /** How many parts a table gets; every part but the last has the same number of pages. */
    long parts(TableListing table) {
        if (!table.heap()) {
            return 1;
        }
        long bySize = (table.bytes() + partBytes - 1) / partBytes;
        boolean tail = table.bytes() >= TAIL_BYTES && table.bytes() > TAIL_SHARE * clusterBytes / workers;
        long parts = Math.max(bySize, tail ? workers : 1);
        // before 14 a range of ctids is a filter on a scan of the whole table: no more scans than workers
        long most = major >= 14 ? table.pages() : Math.min(table.pages(), workers);
        return Math.max(1, Math.min(parts, most));
    }

    /** Of the tables that have parts of their own; empty unless later sets may refer to this one. */
    Map<Long, TableActivity> activity() {
        return activity;
    }

    /**
     * Pages of a part of a table that may grow until the next backup: a power of two, so that growth moves no boundary before the
     * table has doubled.
     */
    private long stablePages(TableListing table, KnownParts known) {
        if (!table.heap() || table.pages() == 0) {
            return Math.max(1, table.pages());
        }
        long pages = Math.max(1, (long) (partBytes / ((double) table.bytes() / table.pages())));
        if (table.bytes() >= TAIL_BYTES && table.bytes() > clusterBytes / workers) {
            pages = Math.min(pages, Math.max(1, table.pages() / workers));
        }
        long power = Long.highestOneBit(pages);
        if (major < 14) {
            // as for the others: no more parts than workers, each of which scans the table
            long least = (table.pages() + workers - 1) / workers;
            power = Math.max(power, Long.highestOneBit(2 * least - 1));
        }
        long half = power / 2;
        boolean wavers = known.activity(table.oid()).filter(then -> then.partPages() == half).isPresent();
        return wavers && half > 0 ? half : power;
    }

    private void split(TableListing table) {
        long pages = earlier
                .map(then -> stablePages(table, then.known()))
                .orElseGet(() -> (table.pages() + parts(table) - 1) / parts(table));
        Optional<TableActivity> now = earlier.map(then ->
                TableActivity.of(table, pages, then.counters().getOrDefault(table.oid(), new long[2])));
        now.ifPresent(recorded -> activity.put(table.oid(), recorded));
        Optional<TableActivity> before = earlier.filter(Earlier::reliable)
                .flatMap(then -> then.known().activity(table.oid()));
        int count = (int) Math.max(1, (table.pages() + pages - 1) / pages);
        String name = table.schema() + "." + table.name();
        for (int index = 0; index < count; index++) {
            boolean last = index == count - 1;
            long to = last ? -1 : (index + 1) * pages;
            boolean likely = before.filter(then -> then.probablyEqual(now.orElseThrow(), to)).isPresent();
            String stem = String.format(
                    Locale.ROOT, "data/%s-%d-%04d", BlobNames.slug(table.name()), table.oid(), index + 1);
            items.add(new ItemDraft(
                    keyPrefix + "/" + stem,
                    ItemData.PART,
                    database + ": table " + name + (count == 1 ? "" : " part " + (index + 1) + " of " + count),
                    database,
                    table.bytes() / count,
                    DATA,
                    new ItemData.Part(
                            prefix, stem, table.oid(), index * pages, to, index, count, likely),
                    Set.of()));
        }
    }

    private void bundle(List<TableListing> small) {
        List<Long> oids = new ArrayList<>();
        long bytes = 0;
        int number = 0;
        List<TableListing> ordered = earlier.isEmpty()
                ? small
                : small.stream().sorted(Comparator.comparingLong(TableListing::oid)).toList();
        for (TableListing table : ordered) {
            boolean full = oids.size() == BUNDLE_TABLES || !oids.isEmpty() && bytes + table.bytes() > BUNDLE_BYTES;
            // where a table ends a bundle by its oid, tables that come, go and grow elsewhere change nothing
            boolean cut = earlier.isPresent() && !oids.isEmpty() && boundary(oids.get(oids.size() - 1));
            if (full || cut) {
                addBundle(++number, oids, bytes);
                oids.clear();
                bytes = 0;
            }
            oids.add(table.oid());
            bytes += table.bytes();
        }
        if (!oids.isEmpty()) {
            addBundle(++number, oids, bytes);
        }
    }

    /** One of about {@value #STABLE_TABLES} tables. */
    private static boolean boundary(long oid) {
        return (oid * 0x9E3779B97F4A7C15L >>> 32) % STABLE_TABLES == 0;
    }

    private void addBundle(int number, List<Long> oids, long bytes) {
        String stem = String.format(Locale.ROOT, "data/bundle-%04d", number);
        items.add(new ItemDraft(
                keyPrefix + "/" + stem,
                ItemData.BUNDLE,
                database + ": " + Plural.of(oids.size(), "small table", "small tables"),
                database,
                bytes,
                DATA,
                new ItemData.Bundle(prefix, stem, oids),
                Set.of()));
    }
}
