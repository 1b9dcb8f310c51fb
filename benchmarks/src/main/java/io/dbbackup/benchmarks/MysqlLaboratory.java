package io.dbbackup.benchmarks;

import io.dbbackup.throwaway.MysqlInstance;
import io.dbbackup.throwaway.MysqlPrograms;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/** The servers of MariaDB or MySQL of one benchmark: one with data, one to restore into, made when a scenario asks for them. */
final class MysqlLaboratory implements AutoCloseable {
    /** Name of the database. */
    static final String DATABASE = "bench";

    private static final String WARM = "warm";
    private static final double WARM_SCALE = 0.03;
    private static final int WARM_UPS = 8;

    private final Laboratory lab;
    private final Kind kind;
    private final double scale;
    private MysqlInstance source;
    private MysqlInstance target;
    private boolean configured;
    private boolean warm;
    private boolean kept;

    /** Vendors. */
    enum Kind {
        MARIADB {
            @Override
            MysqlPrograms programs() {
                return MysqlPrograms.ofMariadb();
            }
        },
        MYSQL {
            @Override
            MysqlPrograms programs() {
                return MysqlPrograms.ofMysql();
            }
        };

        /** The first that are found, those that DBBACKUP_MYSQL_HOMES names before those of packages. */
        abstract MysqlPrograms programs();
    }

    MysqlLaboratory(Laboratory lab, Kind kind, double scale) {
        this.lab = lab;
        this.kind = kind;
        this.scale = scale;
    }

    /** All data fit into memory; nothing is written more durably than with one flush a second, for everybody. */
    private MysqlInstance server(Map<String, String> more) {
        Map<String, String> settings = new LinkedHashMap<>(Map.of(
                "innodb-buffer-pool-size", (long) Math.ceil(2 * Math.max(1, scale)) + "G",
                "innodb-log-file-size", "1G", "max-allowed-packet", "64M",
                // both write to the disk as servers do that must not lose anything
                "loose-innodb-flush-method", kind == Kind.MARIADB ? "O_DIRECT" : "fsync", "loose-debug-no-sync", "0"));
        settings.putAll(more);
        return MysqlInstance.start(kind.programs(), Path.of(System.getProperty("java.io.tmpdir")), Map.of(), settings);
    }

    MysqlInstance source() {
        if (source == null) {
            source = server(Map.of("log-bin", "binlog"));
            System.err.println("making the database " + DATABASE + " of " + title() + " ...");
            boolean generated = kind == Kind.MARIADB;
            MysqlData.fill(source, DATABASE, scale, generated, lab.output());
            MysqlData.fill(source, WARM, WARM_SCALE, generated, lab.output());
            source.sql("mysql", "RESET MASTER");
        }
        return source;
    }

    MysqlInstance target() {
        if (target == null) {
            target = server(Map.of());
        }
        return target;
    }

    String title() {
        return kind.programs().title();
    }

    Kind kind() {
        return kind;
    }

    Laboratory lab() {
        return lab;
    }

    private String name(String what) {
        return kind.name().toLowerCase(Locale.ROOT) + "-" + what;
    }

    /** The product, knowing these servers. Each database has a source of its own, so that the latest set is that of the database. */
    private Product product() {
        Product product = lab.product();
        if (!configured) {
            configured = true;
            product.configure("sources:\n" + yaml(DATABASE, source()) + yaml(WARM, source()) + yaml("target", target()));
        }
        return product;
    }

    private String yaml(String what, MysqlInstance server) {
        return "  - {name: " + name(what) + ", engine: " + kind.name().toLowerCase(Locale.ROOT) + ", host: " + server.host()
                + ", port: " + server.port() + ", user: " + server.user() + ", password_file: "
                // MySQL has TLS by itself, and the peers do not use it
                + lab.secret("password-" + server.port(), server.password() + "\n") + ", options: {sslMode: DISABLED}}\n";
    }

    /** How the stock clients and mydumper find a server. */
    Path options(MysqlInstance server) {
        return lab.secret("client-" + server.port() + ".cnf", "[client]\nuser=" + server.user() + "\npassword=\"" + server.password()
                + "\"\nhost=" + server.host() + "\nport=" + server.port() + "\nprotocol=tcp\ndefault-character-set=utf8mb4\n");
    }

    void warmUp() {
        if (warm) {
            return;
        }
        warm = true;
        for (int i = 0; i < WARM_UPS; i++) {
            product().run("backup", backup(WARM, "kept"));
            empty(WARM);
            product().run("restore", restore(WARM));
        }
    }

    private Map<String, String> backup(String database, String store) {
        return Map.of("source", name(database), "store", store, "databases", database, "workers", "2");
    }

    private Map<String, String> restore(String database) {
        return Map.of("set", "latest:" + name(database), "target", name("target"), "databases", database, "globals", "none",
                "compare", "false", "workers", "2");
    }

    private void empty(String database) {
        target().sql("mysql", "DROP DATABASE IF EXISTS " + database);
    }

    Contender ourBackup() {
        return new Ours(() -> lab.emptyDirectory(lab.output().resolve("fresh")),
                () -> product().measure("backup", backup(DATABASE, "fresh"), List.of(Server.of(source()))));
    }

    Contender ourRestore() {
        return new Ours(() -> {
            if (!kept) {
                kept = true;
                product().run("backup", backup(DATABASE, "kept"));
            }
            empty(DATABASE);
        }, () -> product().measure("restore", restore(DATABASE), List.of(Server.of(target()))));
    }

    /** An empty database on the target, for a peer. */
    void freshTarget() {
        empty(DATABASE);
        target().sql("mysql", "CREATE DATABASE " + DATABASE + " CHARACTER SET utf8mb4");
    }

    /** What the server says in the product's log, the last time, about how long commits were held up. */
    long lastLockMillis() {
        return lab.product().lastLogged("commits held up for (\\d+) ms");
    }

    @Override
    public void close() {
        if (source != null) {
            source.close();
        }
        if (target != null) {
            target.close();
        }
    }
}
