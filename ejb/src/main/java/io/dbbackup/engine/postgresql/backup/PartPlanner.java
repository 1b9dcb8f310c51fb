package io.dbbackup.engine.postgresql.backup;

import io.dbbackup.spi.ItemDraft;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Cuts a database into work items: big tables into ranges of pages, small ones into bundles. */
final class PartPlanner {
    static final long MEMBER_BYTES = 1 << 20;
    private static final long BUNDLE_BYTES = 16 << 20;
    /**
     * Every table of a bundle is one or two locks of the transaction that reads it, and later of the one that loads it, on
     * a server that may have room for a few thousand.
     */
    private static final int BUNDLE_TABLES = 200;
    /** A table below this is not spread over the workers: a split costs more than the tail it avoids. */
    private static final long TAIL_BYTES = 64 << 20;

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
    private final List<ItemDraft> items = new ArrayList<>();

    PartPlanner(SnapshotSession session, String prefix, int workers, long partBytes, long clusterBytes) {
        this(session.database(), prefix, session.major(), workers, partBytes, clusterBytes);
    }

    PartPlanner(String database, String prefix, int major, int workers, long partBytes, long clusterBytes) {
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
        boolean tail = table.bytes() >= TAIL_BYTES && table.bytes() > clusterBytes / workers;
        long parts = Math.max(bySize, tail ? workers : 1);
        // before 14 a range of ctids is a filter on a scan of the whole table: no more scans than workers
        long most = major >= 14 ? table.pages() : Math.min(table.pages(), workers);
        return Math.max(1, Math.min(parts, most));
    }

    private void split(TableListing table) {
        long pages = (table.pages() + parts(table) - 1) / parts(table);
        int count = (int) Math.max(1, (table.pages() + pages - 1) / pages);
        String name = table.schema() + "." + table.name();
        for (int index = 0; index < count; index++) {
            boolean last = index == count - 1;
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
                            prefix, stem, table.oid(), index * pages, last ? -1 : (index + 1) * pages, index, count),
                    Set.of()));
        }
    }

    private void bundle(List<TableListing> small) {
        List<Long> oids = new ArrayList<>();
        long bytes = 0;
        int number = 0;
        for (TableListing table : small) {
            if (oids.size() == BUNDLE_TABLES || !oids.isEmpty() && bytes + table.bytes() > BUNDLE_BYTES) {
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

    private void addBundle(int number, List<Long> oids, long bytes) {
        String stem = String.format(Locale.ROOT, "data/bundle-%04d", number);
        items.add(new ItemDraft(
                keyPrefix + "/" + stem,
                ItemData.BUNDLE,
                database + ": " + oids.size() + " small tables",
                database,
                bytes,
                DATA,
                new ItemData.Bundle(prefix, stem, oids),
                Set.of()));
    }
}
