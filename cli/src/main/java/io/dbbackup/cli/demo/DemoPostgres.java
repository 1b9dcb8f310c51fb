package io.dbbackup.cli.demo;

import io.dbbackup.cli.client.ApiException;
import io.dbbackup.cli.text.Amounts;
import io.dbbackup.cli.text.Table;
import io.dbbackup.throwaway.ClusterComparison;
import io.dbbackup.throwaway.PostgresInstance;
import io.dbbackup.throwaway.Sample;
import io.dbbackup.throwaway.SampleCluster;
import java.nio.file.Path;

/** A PostgreSQL of the demo. */
record DemoPostgres(PostgresInstance server) implements DemoDatabase {
    static DemoDatabase start() {
        return new DemoPostgres(PostgresInstance.builder().setting("max_wal_size", "2GB").start());
    }

    @Override
    public String title() {
        return "PostgreSQL " + server.majorVersion() + " on port " + server.port();
    }

    @Override
    public String password() {
        return server.password();
    }

    @Override
    public String fill(long rows) {
        SampleCluster.on(server)
                .largeTable("shop", rows)
                .with("shop", Sample.FOREIGN_KEYS, Sample.SEQUENCES)
                .with("warehouse", Sample.PARTITIONS, Sample.INHERITANCE, Sample.MATVIEWS, Sample.TRIGGERS)
                .with("Ünïcode db-1", Sample.LARGE_OBJECTS, Sample.ODD_NAMES)
                .with("rights \"and\" 'quotes'", Sample.RIGHTS, Sample.ROW_SECURITY)
                .with("a=b", Sample.TYPES, Sample.VALUES)
                .manyTables("many tables", 30)
                .with("empty");
        String roles = server.psql("postgres", "SELECT count(*) FROM pg_roles WHERE rolname !~ '^pg_'").strip();
        return roles + " roles, a table of " + Amounts.number(rows)
                + " rows, large objects, partitions, names that need quoting";
    }

    @Override
    public Table databases() {
        Table table = new Table("DATABASE", "SIZE");
        server.psql("postgres", "SELECT pg_database_size(oid), datname FROM pg_database"
                        + " WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1 DESC")
                .lines()
                .map(line -> line.split("\\|", 2))
                .forEach(line -> table.row(line[1], Amounts.bytes(Long.parseLong(line[0]))));
        return table;
    }

    @Override
    public String configuration(String name, Path password) {
        return """
                  - name: %s
                    engine: postgresql
                    host: %s
                    port: %d
                    user: %s
                    password_file: %s
                    options:
                      sslmode: disable
                      toolDirectory: %s
                """.indent(0).formatted(name, server.host(), server.port(), server.user(),
                DemoConfiguration.text(password.toString()),
                DemoConfiguration.text(server.binaries().directory().toString()));
    }

    @Override
    public String compare(DemoDatabase restored) {
        ClusterComparison.Result result =
                ClusterComparison.between(server, ((DemoPostgres) restored).server).compare();
        if (!result.isEqual()) {
            throw new ApiException(
                    "FINGERPRINT_MISMATCH", "the servers differ: " + String.join("; ", result.differences()),
                    "This is a defect; please report it.", 3);
        }
        return result.databases() + " databases with postgres, " + result.tables()
                + " tables and materialized views (partitions within theirs), " + Amounts.number(result.rows())
                + " rows, sequences, large objects, pg_dump's schemas, roles";
    }

    @Override
    public void close() {
        server.destroy();
    }

    @Override
    public String toString() {
        return server.toString();
    }
}
