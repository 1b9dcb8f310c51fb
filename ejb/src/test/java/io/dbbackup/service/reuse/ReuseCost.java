package io.dbbackup.service.reuse;

import com.sun.management.OperatingSystemMXBean;
import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.throwaway.PostgresInstance;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What referring to parts costs and saves, run by hand: rounds of a backup that stores everything, one that reads first because the
 * server's counters say that nothing has changed, and one that compresses and then finds that nothing has. Arguments: rows of
 * a table (about 130 bytes each), rounds, keys to encrypt for (none without).
 */
final class ReuseCost {
    private ReuseCost() {}

    public static void main(String[] arguments) throws Exception {
        try (PostgresInstance server = PostgresInstance.builder().start();
                ReuseFixture reuse = new ReuseFixture(server)) {
            reuse.sql("CREATE TABLE large AS SELECT i AS id, md5(i::text) || ' ' || md5((i % 5000)::text) AS a,"
                    + " 'some words that repeat ' || i % 100 AS b FROM generate_series(1, " + arguments[0] + ") i;"
                    + " VACUUM ANALYZE large; CHECKPOINT");
            Map<String, String> more = new HashMap<>(Map.of("partBytes", "64M"));
            if (arguments.length > 2) {
                reuse.keyFile("office", io.dbbackup.crypto.TestKeys.keyFile(
                        reuse.fixture.storePath.resolveSibling("office.key"), 1));
                more.put("encrypt", "office");
            }
            Map<String, String> off = new HashMap<>(more);
            off.put("reuseParts", "false");
            reuse.backedUp(more);
            Map<String, List<double[]>> results = new HashMap<>();
            for (int round = 0; round < Integer.parseInt(arguments[1]); round++) {
                measure(reuse, "stored (off)", off, results);
                measure(reuse, "stored (stable parts)", with(more, "reuseWithin", "PT1S"), results);
                // a base of its own
                measure(reuse, "read only", more, results);
                // counted as a change, and none
                reuse.sql("INSERT INTO large VALUES (-1, '', ''); DELETE FROM large WHERE id = -1");
                measure(reuse, "stored, then found", more, results);
            }
            results.forEach((name, runs) -> {
                runs.sort((a, b) -> Double.compare(a[0], b[0]));
                double[] median = runs.get(runs.size() / 2);
                System.out.printf("%-24s wall %.2f s, cpu of the JVM %.2f s (median of %d)%n", name, median[0], median[1], runs.size());
            });
        }
    }

    private static Map<String, String> with(Map<String, String> parameters, String key, String value) {
        Map<String, String> changed = new HashMap<>(parameters);
        changed.put(key, value);
        return changed;
    }

    private static void measure(
            ReuseFixture reuse, String name, Map<String, String> parameters, Map<String, List<double[]>> results) {
        OperatingSystemMXBean system = (OperatingSystemMXBean) ManagementFactory.getOperatingSystemMXBean();
        long cpu = system.getProcessCpuTime();
        long start = System.nanoTime();
        BackupSetView set = reuse.backedUp(parameters);
        double wall = (System.nanoTime() - start) / 1e9;
        double used = (system.getProcessCpuTime() - cpu) / 1e9;
        results.computeIfAbsent(name, key -> new ArrayList<>()).add(new double[] {wall, used});
        System.out.printf("%-24s wall %.2f s, cpu %.2f s, plain %d, stored %d, reused %d%n", name, wall, used, set.plainBytes(),
                set.storedBytes(), set.reusedBytes());
    }
}
