package io.dbbackup.engine.postgresql.backup;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.engine.BlobNames;
import io.dbbackup.model.Json;
import io.dbbackup.model.manifest.DatabaseManifest;
import io.dbbackup.spi.ItemDraft;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** How a database is cut into items. */
class PartPlannerTest {
    private static final long MB = 1 << 20;

    private static TableListing table(long oid, long bytes) {
        return new TableListing(oid, "public", "t" + oid, true, bytes, (bytes + 8191) / 8192, oid);
    }

    private static List<ItemDraft> plan(int major, int workers, long partBytes, long total, TableListing... tables) {
        return new PartPlanner("db", "databases/0001-db", major, workers, partBytes, total, Optional.empty())
                .plan(List.of(tables));
    }

    /** For a set that others may refer to, after one whose database had this manifest. */
    private static PartPlanner stable(int major, int workers, Optional<DatabaseManifest> before, Map<Long, long[]> counters) {
        KnownParts known = new KnownParts();
        before.ifPresent(known::add);
        return new PartPlanner("db", "databases/0001-db", major, workers, 64 * MB, 1L << 50,
                Optional.of(new PartPlanner.Earlier(known, counters, true)));
    }

    private static DatabaseManifest manifest(PartPlanner planner) {
        return new DatabaseManifest(
                "db", Instant.EPOCH, "", Json.MAPPER.valueToTree(Map.of(TableActivity.PROPERTY, planner.activity())), List.of(),
                "schema", List.of());
    }

    private static List<ItemData.Part> parts(List<ItemDraft> items) {
        return items.stream().map(ItemDraft::payload)
                .filter(ItemData.Part.class::isInstance).map(ItemData.Part.class::cast).toList();
    }

    @ParameterizedTest
    @CsvSource({"1,1", "100,100", "101,7", "10000,64", "1048583,256"})
    void ranges_of_a_table_meet_and_the_last_one_is_open(long pages, long partPages) {
        TableListing table = new TableListing(7, "s", "t", true, pages * 8192 + 2 * MB, pages, 7);
        List<ItemData.Part> parts = parts(plan(16, 2, Math.max(MB, partPages * 8192), Long.MAX_VALUE, table));
        long expected = 0;
        for (int i = 0; i < parts.size(); i++) {
            ItemData.Part part = parts.get(i);
            assertThat(part.index()).isEqualTo(i);
            assertThat(part.count()).isEqualTo(parts.size());
            assertThat(part.from()).isEqualTo(expected);
            expected = part.to();
            assertThat(expected).isEqualTo(i == parts.size() - 1 ? -1 : (part.from() + parts.get(0).to()));
        }
        assertThat(parts.get(parts.size() - 1).from()).isLessThan(pages);
    }

    @Test
    void the_table_that_would_be_the_tail_is_spread_over_all_workers() {
        List<ItemDraft> items = plan(16, 4, 1024 * MB, 1000 * MB, table(1, 400 * MB), table(2, 100 * MB));
        assertThat(parts(items).stream().filter(part -> part.table() == 1)).hasSize(4);
        assertThat(parts(items).stream().filter(part -> part.table() == 2)).hasSize(1);
    }

    @Test
    void a_table_a_little_above_the_share_of_a_worker_is_read_as_a_whole() {
        assertThat(parts(plan(16, 2, 1024 * MB, 1000 * MB, table(1, 600 * MB)))).hasSize(1);
        assertThat(parts(plan(16, 2, 1024 * MB, 1000 * MB, table(1, 640 * MB)))).hasSize(2);
    }

    @Test
    void before_14_a_table_is_scanned_at_most_once_per_worker() {
        assertThat(parts(plan(13, 3, MB, 1000 * MB, table(1, 500 * MB)))).hasSize(3);
        assertThat(parts(plan(14, 3, MB, 1000 * MB, table(1, 500 * MB)))).hasSize(500);
    }

    @Test
    void tables_of_other_access_methods_are_not_split() {
        TableListing columnar = new TableListing(1, "public", "c", false, 500 * MB, 64000, 1);
        assertThat(parts(plan(16, 3, MB, 1000 * MB, columnar))).singleElement().satisfies(part -> {
            assertThat(part.from()).isZero();
            assertThat(part.to()).isEqualTo(-1);
        });
    }

    @Test
    void small_tables_go_into_bundles_bounded_in_bytes_and_number() {
        List<TableListing> tables = new ArrayList<>();
        IntStream.range(0, 1000).forEach(i -> tables.add(table(i + 1, i < 40 ? MB : 8192)));
        List<ItemDraft> items = plan(16, 2, 64 * MB, 100 * MB, tables.toArray(TableListing[]::new));
        List<ItemData.Bundle> bundles = items.stream().map(ItemDraft::payload)
                .filter(ItemData.Bundle.class::isInstance).map(ItemData.Bundle.class::cast).toList();
        assertThat(bundles.stream().flatMap(bundle -> bundle.tables().stream())).doesNotHaveDuplicates().hasSize(1000);
        assertThat(bundles).allSatisfy(bundle -> assertThat(bundle.tables()).hasSizeLessThanOrEqualTo(200));
        assertThat(items.stream().filter(item -> item.kind().equals(ItemData.BUNDLE)))
                .allSatisfy(item -> assertThat(item.bytes()).isLessThanOrEqualTo(16 * MB));
    }

    @Test
    void the_closing_item_needs_all_others() {
        List<ItemDraft> items = plan(16, 2, 2 * MB, 100 * MB, table(1, 10 * MB), table(2, 100));
        ItemDraft close = items.get(items.size() - 1);
        assertThat(close.kind()).isEqualTo(ItemData.CLOSE);
        assertThat(close.needs()).containsExactlyInAnyOrderElementsOf(
                items.stream().filter(item -> item != close).map(ItemDraft::key).toList());
        assertThat(items).extracting(ItemDraft::priority).allMatch(priority -> priority < PartPlanner.OPENING);
    }

    @ParameterizedTest
    @CsvSource(delimiter = '|', quoteCharacter = '`', value = {
        "orders|orders", "Ünïcode db-1|Unicode-db-1", "x/y?z|x-y-z", "..|x", "日本|x", "-dash|dash", "a=b|a-b"})
    void names_of_blobs_are_harmless(String name, String slug) {
        assertThat(BlobNames.slug(name)).isEqualTo(slug);
        assertThat(BlobNames.databasePrefix(3, name, 2)).isEqualTo("databases/0003-" + slug + ".r2");
    }

    @ParameterizedTest
    @CsvSource({"16,70", "16,1000", "13,1000", "16,5000"})
    void boundaries_of_parts_stay_where_they_are_when_a_table_grows(int major, long megabytes) {
        List<ItemData.Part> before = parts(stable(major, 3, Optional.empty(), Map.of()).plan(List.of(table(1, megabytes * MB))));
        List<ItemData.Part> after =
                parts(stable(major, 3, Optional.empty(), Map.of()).plan(List.of(table(1, megabytes * MB * 101 / 100))));
        assertThat(before).hasSizeGreaterThan(1).allSatisfy(part -> assertThat(part.to()).isLessThanOrEqualTo(part.from() + (
                major < 14 ? 1L << 62 : 64 * MB / 8192)));
        assertThat(after.stream().map(ItemData.Part::to)).containsAll(
                before.stream().map(ItemData.Part::to).filter(to -> to >= 0).toList());
        if (major < 14) {
            assertThat(before).hasSizeLessThanOrEqualTo(3);
        }
    }

    @Test
    void a_table_whose_parts_were_half_as_large_keeps_them() {
        TableListing table = new TableListing(1, "public", "t", true, 1000 * MB + 8192, 1000 * MB / 8192, 1);
        PartPlanner small = stable(16, 2, Optional.empty(), Map.of());
        small.plan(List.of(table));
        assertThat(small.activity().get(1L).partPages()).isEqualTo(4096);
        PartPlanner next = stable(16, 2, Optional.of(manifest(small)), Map.of());
        next.plan(List.of(table(1, 1001 * MB)));
        assertThat(next.activity().get(1L).partPages()).isEqualTo(4096);
    }

    @Test
    void what_the_counters_say_decides_which_parts_are_worth_a_try() {
        PartPlanner first = stable(16, 2, Optional.empty(), Map.of(1L, new long[] {100, 5}));
        assertThat(parts(first.plan(List.of(table(1, 200 * MB))))).hasSize(4).noneMatch(ItemData.Part::likely);
        Optional<DatabaseManifest> before = Optional.of(manifest(first));
        assertThat(parts(stable(16, 2, before, Map.of(1L, new long[] {100, 5})).plan(List.of(table(1, 200 * MB)))))
                .allMatch(ItemData.Part::likely);
        // grown at its end
        assertThat(parts(stable(16, 2, before, Map.of(1L, new long[] {150, 5})).plan(List.of(table(1, 300 * MB)))))
                .extracting(ItemData.Part::likely).containsExactly(true, true, true, false, false);
        assertThat(parts(stable(16, 2, before, Map.of(1L, new long[] {100, 6})).plan(List.of(table(1, 200 * MB)))))
                .noneMatch(ItemData.Part::likely);
        // the counters began anew
        assertThat(parts(stable(16, 2, before, Map.of(1L, new long[] {0, 5})).plan(List.of(table(1, 200 * MB)))))
                .noneMatch(ItemData.Part::likely);
        TableListing truncated = new TableListing(1, "public", "t1", true, 200 * MB, 200 * MB / 8192, 2);
        assertThat(parts(stable(16, 2, before, Map.of(1L, new long[] {100, 5})).plan(List.of(truncated))))
                .noneMatch(ItemData.Part::likely);
    }

    @Test
    void a_new_table_changes_one_bundle_and_one_that_grows_none() {
        List<TableListing> tables = new ArrayList<>();
        IntStream.range(0, 500).forEach(i -> tables.add(table(20_000 + 7L * i, 8192 * (1 + i % 5))));
        List<List<Long>> before = bundles(tables);
        assertThat(before).hasSizeBetween(4, 20).allSatisfy(bundle -> assertThat(bundle).hasSizeLessThanOrEqualTo(200));
        tables.add(table(21_003, 8192));
        assertThat(bundles(tables).stream().filter(bundle -> !before.contains(bundle))).hasSizeLessThanOrEqualTo(2);
        tables.remove(tables.size() - 1);
        tables.set(100, table(tables.get(100).oid(), 800_000));
        assertThat(bundles(tables)).isEqualTo(before);
    }

    private static List<List<Long>> bundles(List<TableListing> tables) {
        return stable(16, 2, Optional.empty(), Map.of()).plan(tables).stream()
                .map(ItemDraft::payload)
                .filter(ItemData.Bundle.class::isInstance)
                .map(item -> ((ItemData.Bundle) item).tables())
                .toList();
    }
}
