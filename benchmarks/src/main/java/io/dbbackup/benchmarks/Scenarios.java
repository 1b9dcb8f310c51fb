package io.dbbackup.benchmarks;

import io.dbbackup.throwaway.PostgresInstance;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
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
        all.put("encrypted", this::encrypted);
        all.put("s3", this::s3);
        all.put("tiny", this::tiny);
        all.put("empty", this::empty);
        all.put("restore", () -> restore("restore", "restore with 2 workers", "mixed"));
        all.put("single", () -> restore("single", "restore, one table holds 80 % of the rows", "single"));
        all.put("content", this::content);
        for (MysqlLaboratory.Kind kind : MysqlLaboratory.Kind.values()) {
            String key = kind.name().toLowerCase(Locale.ROOT);
            all.put(key, () -> new MysqlScenarios(lab.mysql(kind)).backup(key));
            all.put(key + "-restore", () -> new MysqlScenarios(lab.mysql(kind)).restore(key + "-restore"));
            all.put(key + "-writes", () -> new MysqlScenarios(lab.mysql(kind)).underWrites(key + "-writes"));
        }
        MysqlLaboratory.Kind mariadb = MysqlLaboratory.Kind.MARIADB;
        all.put("mariadb-stock", () -> new MysqlScenarios(lab.mysql(mariadb)).stockBackup("mariadb-stock"));
        all.put("mariadb-stock-restore", () -> new MysqlScenarios(lab.mysql(mariadb)).stockRestore("mariadb-stock-restore"));
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
                dump("pg_dump -Fd -j2", database, "pg_dump -Fd -j2 -d %s -f %s/dump")), lab::warmUp);
    }

    private Scenario encrypted() {
        lab.database("mixed");
        return new Scenario("encrypted", "backup to a file store, encrypted", lab.ourPolicy("encrypted"), List.of(
                lab.ourPolicy("plain", "dbbackup, not encrypted")), lab::warmUp);
    }

    private Scenario s3() {
        lab.database("mixed");
        PostgresInstance source = lab.source();
        Map<String, String> environment = new LinkedHashMap<>(lab.environment(source));
        environment.putAll(Map.of("AWS_ACCESS_KEY_ID", ObjectStore.USER, "AWS_SECRET_ACCESS_KEY", ObjectStore.SECRET,
                "RESTIC_REPOSITORY", "s3:" + lab.objects().address() + "/" + ObjectStore.BUCKET + "/restic",
                "RESTIC_PASSWORD", "benchmark", "RESTIC_CACHE_DIR", lab.output().resolve("restic-cache").toString()));
        return new Scenario("s3", "backup to S3 on this machine, encrypted", lab.ourPolicy("encrypted-s3"), List.of(
                new Shell("pg_dump -Fp | restic --stdin",
                        "pg_dump -Fp -d mixed | restic backup -q --stdin --stdin-filename mixed.sql",
                        lab.output().resolve("none"), environment, List.of(Server.of(source)), () -> {
                            lab.objects().empty();
                            new Shell("init", "restic init -q", lab.output().resolve("none"), environment, List.of(), () -> {})
                                    .run();
                        })), lab::warmUp);
    }

    private Scenario tiny() {
        lab.database("tiny");
        return new Scenario("tiny", "10 000 tables of 5 rows", lab.ourBackup("tiny"), List.of(
                dump("pg_dump -Fp | zstd -1", "tiny", "pg_dump -Fp -d %s | zstd -1 -q -o %s/dump.zst"),
                dump("pg_dump -Fd -j2", "tiny", "pg_dump -Fd -j2 -d %s -f %s/dump")), lab::warmUp);
    }

    private Scenario empty() {
        lab.database("empty");
        return new Scenario("empty", "an empty database, request to sealed set", lab.ourBackup("empty"), List.of(),
                lab::warmUp);
    }

    private Scenario restore(String key, String title, String database) {
        lab.database(database);
        lab.set(database);
        return new Scenario(key, title, lab.ourRestore(database), List.of(
                load("pg_restore -j2 -Fd", database, "stock", "", Map.of()),
                load("pg_restore -j2 -Fd of -Z0, asynchronous commit", database, "plain", "-Z0",
                        Map.of("PGOPTIONS", "-c synchronous_commit=off -c maintenance_work_mem=64MB"))), lab::warmUp);
    }

    private Scenario content() {
        lab.database("mixed");
        lab.sealedSet();
        Path dump = lab.compressedDump("mixed");
        return new Scenario("content", "verification of the content, encrypted", lab.ourVerification("sealed"), List.of(new Shell(
                "zstd -t", "zstd -t -q " + dump, lab.output().resolve("none"), Map.of(), List.of(), () -> {})),
                lab::warmUp);
    }

    private Contender dump(String name, String database, String script) {
        Path output = lab.output().resolve("peer");
        PostgresInstance source = lab.source();
        return new Shell(name, script.formatted(database, output), output, lab.environment(source), List.of(Server.of(source)),
                () -> lab.emptyDirectory(output));
    }

    private Contender load(String name, String database, String archive, String options, Map<String, String> more) {
        PostgresInstance target = lab.target();
        Map<String, String> environment = new LinkedHashMap<>(lab.environment(target));
        environment.putAll(more);
        return new Shell(name, "pg_restore -j2 -Fd -d " + database + " " + lab.archive(database, archive),
                lab.output().resolve("none"), environment, List.of(Server.of(target)), () -> {
                    lab.dump(database, archive, options);
                    lab.freshDatabase(database);
                });
    }
}
