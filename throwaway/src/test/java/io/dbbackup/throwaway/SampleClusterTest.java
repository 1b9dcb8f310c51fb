package io.dbbackup.throwaway;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SampleClusterTest {

    @Test
    void creates_databases_with_everything_in_them() {
        try (PostgresInstance server = PostgresInstance.builder().start()) {
            SampleCluster sample = SampleCluster.on(server).largeTable("shop", 5_000).everything();

            assertThat(sample.databases()).hasSize(13).contains("a=b", "-dash", "Ünïcode db-1");
            for (String database : sample.databases()) {
                assertThat(server.psql(database, "SELECT current_database()")).isEqualTo(database + "\n");
            }
            assertThat(server.psql("shop", "SELECT count(*) BETWEEN 4500 AND 4999 FROM orders")).isEqualTo("t\n");
            assertThat(server.psql("Ünïcode db-1", "SELECT count(*) FROM pg_largeobject_metadata")).isEqualTo("44\n");
            assertThat(server.psql("raw bytes", "SET client_encoding = 'SQL_ASCII'; SELECT max(octet_length(t)) FROM raw"))
                    .isEqualTo("8\n");
        }
    }
}
