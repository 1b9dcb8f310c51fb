package io.dbbackup.benchmarks;

import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** The servers and directories of one benchmark, made when a scenario asks for them. */
final class Laboratory implements AutoCloseable {
    private static final int WARM_UPS = 8;

    private final Path root;
    private final Path work;
    private final double scale;
    private final Set<String> databases = new HashSet<>();
    private final Set<String> sets = new HashSet<>();
    private PostgresInstance source;
    private PostgresInstance target;
    private ObjectStore objects;
    private Product product;
    /** Whether the product knows the servers of PostgreSQL. */
    private boolean configured;
    private final Map<MysqlLaboratory.Kind, MysqlLaboratory> mysql = new EnumMap<>(MysqlLaboratory.Kind.class);

    Laboratory(Path root, double scale) {
        this.root = root;
        this.scale = scale;
        try {
            work = Files.createTempDirectory(Files.createDirectories(root.resolve("benchmarks/target/work")), "bench");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** With durable writes, as in production; autovacuum would work for whoever happens to be measured. */
    private static PostgresInstance server() {
        return PostgresInstance.builder().durable(true).initdbOption("--data-checksums").locale("C.UTF-8")
                .setting("shared_buffers", "1GB").setting("max_wal_size", "8GB").setting("wal_level", "replica")
                .setting("autovacuum", "off").setting("max_locks_per_transaction", "512")
                .setting("checkpoint_timeout", "30min").start();
    }

    PostgresInstance source() {
        if (source == null) {
            source = server();
        }
        return source;
    }

    PostgresInstance target() {
        if (target == null) {
            target = server();
        }
        return target;
    }

    Path output() {
        return work;
    }

    /** The checkout. */
    Path root() {
        return root;
    }

    /** The servers of one vendor. */
    MysqlLaboratory mysql(MysqlLaboratory.Kind kind) {
        return mysql.computeIfAbsent(kind, wanted -> new MysqlLaboratory(this, wanted, scale));
    }

    /** Makes a database on the source. */
    void database(String name) {
        if (databases.add(name)) {
            System.err.println("making the database " + name + " ...");
            switch (name) {
                case "mixed" -> DataSets.mixed(source(), scale);
                case "dense" -> DataSets.dense(source(), scale);
                case "tiny" -> DataSets.tiny(source(), scale);
                case "single" -> DataSets.single(source(), "single", scale);
                case "warm" -> DataSets.single(source(), "warm", 0.02);
                case "empty" -> DataSets.empty(source());
                default -> throw new IllegalArgumentException(name);
            }
            source().psql("postgres", "CHECKPOINT");
        }
    }

    /** Makes a backup set of a database in the store {@code kept}. */
    void set(String database) {
        if (sets.add(database)) {
            postgres().run("backup", Map.of(
                    "source", "source-" + database, "store", "kept", "databases", database, "workers", "2"));
        }
    }

    /** An encrypted set of the database {@code mixed}, the latest of {@code source-sealed}. */
    void sealedSet() {
        if (sets.add("sealed")) {
            postgres().run("backup", Map.of("policy", "sealed"));
        }
    }

    /**
     * Lets the product work on a small database until its code is compiled: the first runs of a server that has just
     * started say more about that than about any scenario.
     */
    void warmUp() {
        if (databases.contains("warm")) {
            return;
        }
        database("warm");
        for (int i = 0; i < WARM_UPS; i++) {
            target().psql("postgres", "DROP DATABASE IF EXISTS warm WITH (FORCE)");
            postgres().run("backup", Map.of("policy", "warm"));
            postgres().run("restore", Map.of("set", "latest:source-warm", "target", "target", "databases", "warm",
                    "compare", "false", "workers", "2"));
            postgres().run("verify", Map.of("set", "latest:source-warm", "level", "content", "workers", "2"));
        }
    }

    /** A dump in directory format that lives as long as the laboratory. */
    Path archive(String database, String name) {
        return work.resolve(database + "-" + name);
    }

    /** Makes the archive unless it is there. */
    void dump(String database, String name, String options) {
        Path archive = archive(database, name);
        if (!Files.exists(archive)) {
            new Shell("archive", "pg_dump -Fd -j2 " + options + " -d " + database + " -f " + archive, archive,
                    environment(source()), List.of(), () -> {}).run();
        }
    }

    /** A dump as the best peer makes it. */
    Path compressedDump(String database) {
        Path dump = work.resolve(database + ".zst");
        if (!Files.exists(dump)) {
            new Shell("dump", "pg_dump -Fp -d " + database + " | zstd -T2 -1 -q -o " + dump, dump,
                    environment(source()), List.of(), () -> {}).run();
        }
        return dump;
    }

    Contender ourBackup(String database) {
        return new Ours(() -> emptyDirectory(work.resolve("fresh")), () -> postgres().measure("backup", Map.of(
                "source", "source-" + database, "store", "fresh", "databases", database, "workers", "2"),
                List.of(Server.of(source()))));
    }

    /** A backup by a policy whose name says what is special about it: see {@link #product()}. */
    Contender ourPolicy(String policy) {
        return new Ours(() -> {
            emptyDirectory(work.resolve("fresh"));
            objects().empty();
        }, () -> postgres().measure("backup", Map.of("policy", policy), List.of(Server.of(source()))));
    }

    /** The product as its own peer. */
    Contender ourPolicy(String policy, String name) {
        Contender ours = ourPolicy(policy);
        return new Ours(name, ours::before, ours::run);
    }

    /** A server of S3. */
    ObjectStore objects() {
        if (objects == null) {
            objects = new ObjectStore(root, work.resolve("s3"));
        }
        return objects;
    }

    Contender ourRestore(String database) {
        return new Ours(() -> {
            target().psql("postgres", "DROP DATABASE IF EXISTS " + database + " WITH (FORCE)");
            target().psql("postgres", "CHECKPOINT");
        }, () -> postgres().measure("restore", Map.of(
                "set", "latest:source-" + database, "target", "target", "databases", database, "compare", "false",
                "workers", "2"), List.of(Server.of(target()))));
    }

    Contender ourVerification(String set) {
        return new Ours(() -> {}, () -> postgres().measure("verify", Map.of(
                "set", "latest:source-" + set, "level", "content", "workers", "2"), List.of()));
    }

    /** What the product's last run did when. */
    String timeline() {
        return product().timeline();
    }

    void freshDatabase(String name) {
        target().psql("postgres", "DROP DATABASE IF EXISTS " + name + " WITH (FORCE)");
        target().psql("postgres", "CREATE DATABASE " + name + " TEMPLATE template0");
        target().psql("postgres", "CHECKPOINT");
    }

    void emptyDirectory(Path directory) {
        try {
            Shell.Trees.delete(directory);
            Files.createDirectories(directory);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** How libpq finds a server. */
    Map<String, String> environment(PostgresInstance server) {
        return Map.of("PGHOST", server.host(), "PGPORT", Integer.toString(server.port()), "PGUSER", server.user(),
                "PGPASSFILE", secret("pgpass-" + server.port(), "*:*:*:*:" + server.password() + "\n").toString(),
                "LC_ALL", "C.UTF-8");
    }

    /** The product's server with the stores {@code fresh} and {@code kept}. */
    Product product() {
        if (product == null) {
            for (String directory : List.of("home", "fresh", "kept", "s3")) {
                emptyDirectory(work.resolve(directory));
            }
            product = new Product(root, work.resolve("home"), Map.of("BENCHMARK_S3_SECRET", ObjectStore.SECRET));
            StringBuilder yaml = new StringBuilder("stores:\n");
            for (String name : List.of("fresh", "kept")) {
                yaml.append("  - {name: ").append(name).append(", type: file, path: ").append(work.resolve(name))
                        .append("}\n");
            }
            product.configure(yaml.toString());
        }
        return product;
    }

    /** The product, knowing the servers of PostgreSQL, with all that their scenarios need. */
    private Product postgres() {
        Product known = product();
        if (configured) {
            return known;
        }
        configured = true;
        new Shell("key", root.resolve("dbbackup") + " keys generate --type key-file --out " + work.resolve("key"),
                work.resolve("none"), Map.of("DBBACKUP_BUILD", "never"), List.of(), () -> {}).run();
        StringBuilder yaml = new StringBuilder("sources:\n");
        for (String name : List.of("mixed", "dense", "tiny", "single", "empty", "sealed", "warm")) {
            yaml.append(sourceYaml("source-" + name, source()));
        }
        yaml.append(sourceYaml("target", target()));
        yaml.append("stores:\n  - {name: s3, type: s3, endpoint: '").append(objects().address()).append("', bucket: ")
                .append(ObjectStore.BUCKET).append(", access_key_id: ").append(ObjectStore.USER)
                .append(", secret_access_key_env: BENCHMARK_S3_SECRET}\n");
        yaml.append("keys:\n  - {name: key, type: key-file, file: ").append(work.resolve("key")).append("}\npolicies:\n");
        yaml.append(policyYaml("plain", "mixed", "fresh", ""));
        yaml.append(policyYaml("encrypted", "mixed", "fresh", ", encrypt: [key]"));
        yaml.append(policyYaml("encrypted-s3", "mixed", "s3", ", encrypt: [key]"));
        yaml.append(policyYaml("sealed", "sealed", "kept", ", encrypt: [key]"));
        yaml.append(policyYaml("warm", "warm", "kept", ", encrypt: [key]"));
        known.configure(yaml.toString());
        return known;
    }

    private static String policyYaml(String name, String source, String store, String more) {
        return "  - {name: " + name + ", source: source-" + source + ", store: " + store + ", databases: ["
                + (source.equals("sealed") ? "mixed" : source) + "], workers: 2" + more + "}\n";
    }

    private String sourceYaml(String name, PostgresInstance server) {
        return "  - {name: " + name + ", engine: postgresql, host: " + server.host() + ", port: " + server.port()
                + ", user: " + server.user() + ", password_file: "
                + secret("password-" + server.port(), server.password() + "\n") + "}\n";
    }

    /** A file that only we can read. */
    Path secret(String name, String content) {
        try {
            Path file = work.resolve(name);
            if (!Files.exists(file)) {
                Files.createFile(file, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
                Files.writeString(file, content);
            }
            return file;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        if (product != null) {
            product.close();
        }
        mysql.values().forEach(MysqlLaboratory::close);
        if (source != null) {
            source.close();
        }
        if (objects != null) {
            objects.close();
        }
        if (target != null) {
            target.close();
        }
        Shell.Trees.delete(work);
    }
}
