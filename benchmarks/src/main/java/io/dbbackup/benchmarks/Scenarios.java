package io.dbbackup.benchmarks;

import io.dbbackup.throwaway.PostgresInstance;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/** What is compared with what. */
final class Scenarios {
    private final Laboratory lab;
    private final Map<String, Supplier<Scenario>> all = new LinkedHashMap<>();

    Scenarios(Laboratory lab) {
        this.lab = lab;
        all.put("backup", () -> backup("backup", "backup to a file store, zstd 1", "mixed"));
        all.put("dense", () -> backup("dense", "the same, data that compress twice", "dense"));
        all.put("tiny", this::tiny);
        all.put("empty", this::empty);
        all.put("restore", () -> restore("restore", "restore with 2 workers", "mixed"));
        all.put("single", () -> restore("single", "restore, one table holds 80 % of the rows", "single"));
        all.put("content", this::content);
    }

    List<String> names() {
        return List.copyOf(all.keySet());
    }

    Scenario get(String name) {
        Supplier<Scenario> scenario = all.get(name);
        if (scenario == null) {
            throw new IllegalArgumentException("there is no scenario \"" + name + "\"; choose from " + names());
        }
        return scenario.get();
    }

    private Scenario backup(String key, String title, String database) {
        lab.database(database);
        return new Scenario(key, title, lab.ourBackup(database), List.of(
                dump("pg_dump -Fp | zstd -T2 -1", database, "pg_dump -Fp -d %s | zstd -T2 -1 -q -o %s/dump.zst"),
                dump("pg_dump -Fd -j2", database, "pg_dump -Fd -j2 -d %s -f %s/dump")));
    }

    private Scenario tiny() {
        lab.database("tiny");
        return new Scenario("tiny", "10 000 tables of 5 rows", lab.ourBackup("tiny"), List.of(
                dump("pg_dump -Fp | zstd -1", "tiny", "pg_dump -Fp -d %s | zstd -1 -q -o %s/dump.zst"),
                dump("pg_dump -Fd -j2", "tiny", "pg_dump -Fd -j2 -d %s -f %s/dump")));
    }

    private Scenario empty() {
        lab.database("empty");
        return new Scenario("empty", "an empty database, request to sealed set", lab.ourBackup("empty"), List.of());
    }

    private Scenario restore(String key, String title, String database) {
        lab.database(database);
        lab.set(database);
        Path stock = lab.archive(database, "stock", "");
        Path plain = lab.archive(database, "plain", "-Z0");
        return new Scenario(key, title, lab.ourRestore(database), List.of(
                load("pg_restore -j2 -Fd", database, stock, Map.of()),
                load("pg_restore -j2 -Fd of -Z0, asynchronous commit", database, plain,
                        Map.of("PGOPTIONS", "-c synchronous_commit=off -c maintenance_work_mem=64MB"))));
    }

    private Scenario content() {
        lab.database("mixed");
        lab.set("mixed");
        Path dump = lab.compressedDump("mixed");
        return new Scenario("content", "verification of the content", lab.ourVerification("mixed"), List.of(new Shell(
                "zstd -t", "zstd -t -q " + dump, lab.output().resolve("none"), Map.of(), List.of(), () -> {})));
    }

    private Contender dump(String name, String database, String script) {
        Path output = lab.output().resolve("peer");
        PostgresInstance source = lab.source();
        return new Shell(name, script.formatted(database, output), output, lab.environment(source), List.of(source),
                () -> lab.emptyDirectory(output));
    }

    private Contender load(String name, String database, Path archive, Map<String, String> more) {
        PostgresInstance target = lab.target();
        Map<String, String> environment = new LinkedHashMap<>(lab.environment(target));
        environment.putAll(more);
        return new Shell(name, "pg_restore -j2 -Fd -d " + database + " " + archive, lab.output().resolve("none"),
                environment, List.of(target), () -> lab.freshDatabase(database));
    }
}
