package io.dbbackup.cli.demo;

import io.dbbackup.cli.text.Amounts;
import io.dbbackup.cli.text.Table;
import io.dbbackup.throwaway.ClusterComparison;
import io.dbbackup.throwaway.PostgresInstance;
import io.dbbackup.throwaway.Sample;
import io.dbbackup.throwaway.SampleCluster;

/** The PostgreSQL servers of the demo: one with sample data, one to restore into. */
final class DemoCluster {
    private DemoCluster() {}

    static PostgresInstance start() {
        return PostgresInstance.builder().setting("max_wal_size", "2GB").start();
    }

    /** @param rows rows of the table that is large enough to be split */
    static void fill(PostgresInstance server, long rows) {
        SampleCluster.on(server)
                .largeTable("shop", rows)
                .with("shop", Sample.FOREIGN_KEYS, Sample.SEQUENCES)
                .with("warehouse", Sample.PARTITIONS, Sample.INHERITANCE, Sample.MATVIEWS, Sample.TRIGGERS)
                .with("Ünïcode db-1", Sample.LARGE_OBJECTS, Sample.ODD_NAMES)
                .with("rights \"and\" 'quotes'", Sample.RIGHTS, Sample.ROW_SECURITY)
                .with("a=b", Sample.TYPES, Sample.VALUES)
                .manyTables("many tables", 30)
                .with("empty");
    }

    /** What is in it, database by database. */
    static Table databases(PostgresInstance server) {
        Table table = new Table("DATABASE", "SIZE");
        server.psql("postgres", "SELECT pg_database_size(oid), datname FROM pg_database"
                        + " WHERE NOT datistemplate AND datname <> 'postgres' ORDER BY 1 DESC")
                .lines()
                .map(line -> line.split("\\|", 2))
                .forEach(line -> table.row(line[1], Amounts.bytes(Long.parseLong(line[0]))));
        return table;
    }

    static String roles(PostgresInstance server) {
        return server.psql("postgres", "SELECT count(*) FROM pg_roles WHERE rolname !~ '^pg_'").strip();
    }

    /** Both servers by PostgreSQL's own tools: rows, schema, roles; nothing of the engine that is on trial. */
    static ClusterComparison.Result compare(PostgresInstance source, PostgresInstance target) {
        return ClusterComparison.between(source, target).compare();
    }
}
