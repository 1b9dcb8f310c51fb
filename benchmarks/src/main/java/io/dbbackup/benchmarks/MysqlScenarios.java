package io.dbbackup.benchmarks;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** What is compared with what, for MariaDB and MySQL. */
final class MysqlScenarios {
    private static final int WRITERS = 2;

    private static final String DUMP = "mariadb-dump --defaults-file=%s --single-transaction --hex-blob " + MysqlLaboratory.DATABASE
            + " | zstd -1 -q -o ";
    private static final String LOAD = "zstd -dcq %2$s | mariadb --defaults-file=%1$s " + MysqlLaboratory.DATABASE;

    private final MysqlLaboratory lab;
    private final Path output;

    MysqlScenarios(MysqlLaboratory lab) {
        this.lab = lab;
        output = lab.lab().output();
    }

    Scenario backup(String key) {
        return scenario(key, "backup to a file store, zstd 1", lab.ourBackup(), List.of(
                dump("mariadb-dump --single-transaction --hex-blob | zstd -1", DUMP + "%s/dump.zst"),
                dump("mydumper " + mydumperOptions(), mydumper() + "%s/dump")));
    }

    /** Our data path by stock clients in two sessions, and nothing else, against the usual peer: what of the difference is the design's. */
    Scenario stockBackup(String key) {
        return stock(key, "our data path by stock clients, backup", dump("two clients | zstd -1", stock("backup") + "%s/stock"),
                dump("mariadb-dump --single-transaction --hex-blob | zstd -1", DUMP + "%s/dump.zst"));
    }

    /** As {@link #stockBackup}, for restores. */
    Scenario stockRestore(String key) {
        Path parts = output.resolve(key + "-parts");
        return stock(key, "our data path by stock clients, restore",
                load("two clients, LOAD DATA", stock("restore") + parts, parts, stock("parts") + "%s"),
                load("zstd -dc | mariadb", LOAD, output.resolve(key + "-dump.zst"), DUMP + "%s"));
    }

    private Scenario stock(String key, String title, Contender stock, Contender peer) {
        return new Scenario(key, lab.title() + ": " + title, stock, List.of(peer), () -> {}, Scenario.Section.MYSQL);
    }

    private String stock(String what) {
        return lab.lab().root().resolve("benchmarks/stock") + " " + what + " %s ";
    }

    private String mydumper() {
        return "mydumper --defaults-file=%s -v 1 " + mydumperOptions() + " -B " + MysqlLaboratory.DATABASE + " -o ";
    }

    /** Version 0.10 may wait for ever for its own lock on MySQL 8.0.12; nobody writes, so it can do without (-k). */
    private String mydumperOptions() {
        return lab.kind() == MysqlLaboratory.Kind.MYSQL ? "-t 2 -c -k" : "-t 2 -c";
    }

    Scenario restore(String key) {
        return scenario(key, "restore with 2 workers", lab.ourRestore(), List.of(
                load("zstd -dc | mariadb", LOAD, output.resolve(key + "-dump.zst"), DUMP + "%s"),
                load("myloader -t 2", "myloader --defaults-file=%s -v 1 -t 2 -o -B " + MysqlLaboratory.DATABASE + " -d %s",
                        output.resolve(key + "-dump"), mydumper() + "%s")));
    }

    /** Says besides how long the writers' longest commit took, and how long the product says it held them up. */
    Scenario underWrites(String key) {
        Contender ours = lab.ourBackup();
        return scenario(key, "backup while " + WRITERS + " sessions write", new Ours(ours::before, () -> {
            try (Writers writers = new Writers(lab.source(), WRITERS)) {
                Sample sample = ours.run();
                System.err.printf(Locale.ROOT, "%s: lock %d ms; %s%n", key, lab.lastLockMillis(), writers.end());
                return sample;
            }
        }), List.of());
    }

    private Scenario scenario(String key, String title, Contender ours, List<Contender> peers) {
        return new Scenario(key, lab.title() + ": " + title, ours, peers, lab::warmUp, Scenario.Section.MYSQL);
    }

    private Contender dump(String name, String script) {
        Path directory = output.resolve("peer");
        return new Shell(name, script.formatted(lab.options(lab.source()), directory), directory, Map.of(),
                List.of(Server.of(lab.source())), () -> lab.lab().emptyDirectory(directory));
    }

    private Contender load(String name, String script, Path dump, String dumping) {
        return new Shell(name, script.formatted(lab.options(lab.target()), dump), output.resolve("none"), Map.of(),
                List.of(Server.of(lab.target())), () -> {
                    if (!Files.exists(dump)) {
                        new Shell("dump", dumping.formatted(lab.options(lab.source()), dump), dump, Map.of(), List.of(), () -> {})
                                .run();
                    }
                    lab.freshTarget();
                });
    }
}
