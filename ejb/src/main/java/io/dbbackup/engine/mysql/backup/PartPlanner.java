package io.dbbackup.engine.mysql.backup;

import io.dbbackup.engine.BlobNames;
import io.dbbackup.engine.mysql.Quoting;
import io.dbbackup.engine.mysql.Sql;
import io.dbbackup.spi.ItemDraft;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Cuts tables into parts: ranges of the first column of the primary key, halved as long as the server expects too many rows in
 * them, so that gaps in the numbers do no harm. The ranges of a table are open at both ends of it and cover it. Tables that are partitioned by
 * that column are cut between partitions.
 */
final class PartPlanner {
    static final int OPENING = 30;
    private static final int READING = 20;
    private static final int CLOSING = 10;
    private static final int MOST_PARTS = 100_000;
    /** Largest table of a bundle. */
    private static final long MEMBER_BYTES = 1 << 20;
    private static final long BUNDLE_BYTES = 16 << 20;
    /** Each is locked against changes of its definition until the bundle is stored. */
    private static final int BUNDLE_TABLES = 200;
    private static final int STABLE_TABLES = 64;

    private final Sql sql;
    private final String database;
    private final String prefix;
    private final long partBytes;
    private final long share;
    private final boolean stable;
    private final Set<String> whole;
    private int numbers;

    /**
     * @param partBytes most that a part should have
     * @param share the same for tables that are cut for nothing: a range of integers costs no more than its part of the table
     * @param stable whether parts are to begin where they will begin in the next backup
     * @param whole tables that are one part each
     */
    PartPlanner(Sql sql, String database, String prefix, long partBytes, long share, boolean stable, Set<String> whole) {
        this.sql = sql;
        this.database = database;
        this.prefix = prefix;
        this.partBytes = partBytes;
        this.share = share;
        this.stable = stable;
        this.whole = whole;
    }

    /** One draft per part, and the closing one last. */
    List<ItemDraft> plan(List<TableDefinition> tables) {
        List<ItemDraft> drafts = new ArrayList<>();
        Map<Boolean, List<TableDefinition>> small = tables.stream().collect(Collectors.partitioningBy(this::small));
        small.get(false).forEach(table -> drafts.addAll(parts(table)));
        drafts.addAll(bundles(small.get(true)));
        Set<String> all = Set.copyOf(drafts.stream().map(ItemDraft::key).toList());
        drafts.add(new ItemDraft(
                prefix + "/close", ItemData.CLOSE, database + ": manifest", database, 0, CLOSING,
                new ItemData.Place(prefix), all));
        return drafts;
    }

    /** Rows outside of the snapshot must not wait for others; those of versioned tables are loaded in another way. */
    private boolean small(TableDefinition table) {
        return table.transactional() && !table.versioned() && table.bytes() <= Math.min(MEMBER_BYTES, partBytes);
    }

    private List<ItemDraft> bundles(List<TableDefinition> tables) {
        List<ItemDraft> drafts = new ArrayList<>();
        List<TableDefinition> bundle = new ArrayList<>();
        long bytes = 0;
        for (TableDefinition table : tables.stream().sorted(Comparator.comparing(TableDefinition::name)).toList()) {
            boolean full = bundle.size() == BUNDLE_TABLES || bytes + table.bytes() > BUNDLE_BYTES;
            // where a table ends a bundle by its name, tables that come, go and grow elsewhere change nothing
            boolean cut = stable && !bundle.isEmpty() && boundary(bundle.get(bundle.size() - 1).name());
            if (!bundle.isEmpty() && (full || cut)) {
                drafts.addAll(bundle(drafts.size() + 1, bundle, bytes));
                bundle.clear();
                bytes = 0;
            }
            bundle.add(table);
            bytes += table.bytes();
        }
        if (!bundle.isEmpty()) {
            drafts.addAll(bundle(drafts.size() + 1, bundle, bytes));
        }
        return drafts;
    }

    /** One of about {@value #STABLE_TABLES} tables. */
    private static boolean boundary(String name) {
        return (name.hashCode() * 0x9E3779B97F4A7C15L >>> 32) % STABLE_TABLES == 0;
    }

    private List<ItemDraft> bundle(int number, List<TableDefinition> tables, long bytes) {
        if (tables.size() == 1) {
            return parts(tables.get(0));
        }
        String stem = String.format(Locale.ROOT, "data/bundle-%04d", number);
        return List.of(new ItemDraft(
                prefix + "/" + stem, ItemData.BUNDLE, database + ": " + tables.size() + " small tables", database, bytes, READING,
                new ItemData.Bundle(prefix, stem, tables.stream().map(TableDefinition::name).toList()), Set.of()));
    }

    private List<ItemDraft> parts(TableDefinition table) {
        List<String> partitions = whole.contains(table.name()) ? List.of("") : partitions(table);
        List<String> bounds = partitions.isEmpty() ? bounds(table) : List.of();
        int count = Math.max(partitions.size(), bounds.size() + 1);
        int number = ++numbers;
        List<ItemDraft> drafts = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            String stem = String.format(
                    Locale.ROOT, "data/%s-%04d-%04d", BlobNames.slug(table.name()), number, i + 1);
            drafts.add(new ItemDraft(
                    prefix + "/" + stem, ItemData.PART,
                    database + ": table " + table.name() + (count == 1 ? "" : " part " + (i + 1) + " of " + count),
                    database, table.bytes() / count, READING,
                    new ItemData.Part(
                            prefix, stem, table.name(), partitions.isEmpty() ? "" : partitions.get(i),
                            i == 0 || bounds.isEmpty() ? "" : bounds.get(i - 1), i >= bounds.size() ? "" : bounds.get(i), i, count),
                    Set.of()));
        }
        return drafts;
    }

    /**
     * Cuts a table between its partitions, where a range would have the server leave some of them out: rows that are in another partition than
     * the server thinks would be in no part. Those of days that no month has are (to_days of a 31st of February is in March), and what somebody has
     * exchanged WITHOUT VALIDATION.
     *
     * @return names, several of small ones with commas between them; none where ranges do no harm, or one part will do
     */
    private List<String> partitions(TableDefinition table) {
        List<String> all = table.partitions();
        Optional<TableDefinition.Column> range = table.rangeColumn();
        if (all.isEmpty() || range.isEmpty()) {
            return List.of();
        }
        long most = range.get().integer() ? Math.min(partBytes, share) : partBytes;
        if (table.bytes() <= most) {
            return List.of("");
        }
        if (!lowered(all.stream()).equals(lowered(sql.listAll(
                        "SELECT table_name, partition_name FROM information_schema.partitions WHERE table_schema = database() AND table_name = ?"
                                + " AND partition_name IS NOT NULL",
                        row -> row.getString(1).equals(table.name()) ? Quoting.identifier(row.getString(2)) : "", table.name())
                .stream().filter(name -> !name.isEmpty())))) {
            // rows of a partition that we do not know of would be in no part
            return List.of("");
        }
        // of the next backup, too, where that refers to this one's
        int some = stable ? 1 : (int) Math.max(1, Math.min(all.size(), most / Math.max(1, table.bytes() / all.size())));
        return IntStream.range(0, (all.size() + some - 1) / some)
                .mapToObj(i -> String.join(", ", all.subList(i * some, Math.min(all.size(), (i + 1) * some))))
                .toList();
    }

    /** Case is of no account in names of partitions. */
    private static Set<String> lowered(Stream<String> names) {
        return names.map(name -> name.toLowerCase(Locale.ROOT)).collect(Collectors.toSet());
    }

    /** The values at which the parts of a table meet, in ascending order. */
    private List<String> bounds(TableDefinition table) {
        List<String> bounds = new ArrayList<>();
        if (table.rows() < 2 || table.rangeColumn().isEmpty()) {
            return bounds;
        }
        TableDefinition.Column first = table.rangeColumn().get();
        long most = first.integer() ? Math.min(partBytes, share) : partBytes;
        if (table.bytes() <= most) {
            return bounds;
        }
        if (!first.integer()) {
            count(table, first, bounds);
            return bounds;
        }
        String column = Quoting.identifier(first.name());
        sql.first(
                        "SELECT min(" + column + "), max(" + column + ") FROM " + table.from(),
                        row -> row.getString(1) == null
                                ? null
                                : new BigInteger[] {new BigInteger(row.getString(1)), new BigInteger(row.getString(2))})
                .ifPresent(values -> {
                    BigInteger[] range = stable
                            ? binary(values[0], values[1])
                            : new BigInteger[] {values[0], values[1].add(BigInteger.ONE)};
                    halve(table, column, range[0], range[1], rowsPerPart(table, most), bounds);
                });
        return bounds;
    }

    /**
     * The smallest range that has both values and comes from halving all numbers: its halves, and theirs, stay the same when the
     * table grows.
     */
    static BigInteger[] binary(BigInteger lowest, BigInteger highest) {
        if (lowest.signum() < 0 && highest.signum() >= 0) {
            BigInteger end = BigInteger.ONE.shiftLeft(Math.max(lowest.bitLength(), highest.bitLength()));
            return new BigInteger[] {end.negate(), end};
        }
        int bits = lowest.xor(highest).bitLength();
        BigInteger from = lowest.shiftRight(bits).shiftLeft(bits);
        return new BigInteger[] {from, from.add(BigInteger.ONE.shiftLeft(bits))};
    }

    private long rowsPerPart(TableDefinition table, long most) {
        long rows = Math.max(1, most / Math.max(1, table.bytes() / table.rows()));
        // the mean size of a row moves a little with every row; where keys have no gaps, ranges have a power of two of rows, and
        // what the server expects of them must not be near the limit
        return stable ? Math.max(1, Long.highestOneBit(rows + rows / 3) / 4 * 3) : rows;
    }

    /** What has no middle is counted off along the primary key; rows of equal values stay together. */
    private void count(TableDefinition table, TableDefinition.Column range, List<String> bounds) {
        String column = Quoting.identifier(range.name());
        Optional<String> last = Optional.empty();
        do {
            last = sql.first(
                            "SELECT " + range.asText() + " FROM " + table.from() + table.byPrimaryKey()
                                    + last.map(bound -> " WHERE " + column + " > " + bound).orElse("") + " ORDER BY " + column
                                    + " LIMIT 1 OFFSET " + rowsPerPart(table, partBytes),
                            row -> row.getString(1))
                    .map(range::constant);
            last.ifPresent(bounds::add);
        } while (last.isPresent() && bounds.size() < MOST_PARTS);
    }

    /**
     * Adds the bounds inside of a range whose end does not belong to it. No bound sets rows apart from a gap in the numbers: the
     * least that the server expects of any range is one row.
     */
    private void halve(
            TableDefinition table, String column, BigInteger from, BigInteger to, long rowsPerPart, List<String> bounds) {
        BigInteger middle = from.add(to).shiftRight(1);
        if (middle.equals(from) || bounds.size() >= MOST_PARTS || expected(table, column, from, to) <= rowsPerPart) {
            return;
        }
        boolean below = expected(table, column, from, middle) > 1;
        boolean above = expected(table, column, middle, to) > 1;
        if (below) {
            halve(table, column, from, middle, rowsPerPart, bounds);
        }
        if (below && above) {
            bounds.add(middle.toString());
        }
        if (above) {
            halve(table, column, middle, to, rowsPerPart, bounds);
        }
    }

    private long expected(TableDefinition table, String column, BigInteger from, BigInteger to) {
        return sql.list(
                        "EXPLAIN FORMAT = TRADITIONAL SELECT 1 FROM " + table.from() + table.byPrimaryKey() + " WHERE " + column + " >= " + from
                                + " AND " + column + " < " + to,
                        row -> row.getLong("rows"))
                .stream().mapToLong(Long::longValue).sum();
    }
}
