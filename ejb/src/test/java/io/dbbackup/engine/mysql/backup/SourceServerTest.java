package io.dbbackup.engine.mysql.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.engine.mysql.Balancer;
import io.dbbackup.engine.mysql.ServerRelease;
import io.dbbackup.engine.mysql.Session;
import io.dbbackup.engine.mysql.Vendor;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.spi.Cancellation;
import io.dbbackup.throwaway.MysqlInstance;
import io.dbbackup.throwaway.ServerArchive;
import java.io.IOException;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** One address that leads to several servers. */
class SourceServerTest {
    private static final String ACCOUNT =
            "CREATE USER many@'127.0.0.1' IDENTIFIED BY 'many'; GRANT ALL ON *.* TO many@'127.0.0.1'";

    private static Endpoint endpoint(Vendor vendor, int port) {
        return new Endpoint("test", vendor.type(), "127.0.0.1", port, "many", () -> Optional.of("many"), "", Map.of());
    }

    private static SnapshotLadder ladder(Endpoint endpoint) {
        return new SnapshotLadder(endpoint, new Cancellation(), List.of("mysql"));
    }

    private static void requireOneServer(Vendor vendor, MysqlInstance one, MysqlInstance other) throws IOException {
        one.sql("mysql", ACCOUNT);
        other.sql("mysql", ACCOUNT);
        try (Balancer balancer = new Balancer(one.port(), other.port())) {
            Endpoint endpoint = endpoint(vendor, balancer.port());
            assertThatThrownBy(() -> ladder(endpoint).take(2).close()).isInstanceOfSatisfying(BackupException.class, refused -> {
                assertThat(refused.code()).isEqualTo(ErrorCode.DATABASE_POOLER_DETECTED);
                assertThat(refused.problem().cause()).contains(":" + one.port(), ":" + other.port());
            });
            // all but the last one
            balancer.lead(one.port(), one.port(), one.port(), other.port());
            assertThatThrownBy(() -> ladder(endpoint).take(3).close()).hasMessageContaining("DATABASE_POOLER_DETECTED");
            balancer.lead(one.port());
            try (SnapshotPool pool = ladder(endpoint).take(2)) {
                balancer.lead(other.port());
                assertThatThrownBy(() -> pool.now(new Cancellation(), sql -> sql.text("SELECT 1")))
                        .isInstanceOfSatisfying(BackupException.class, lost -> assertThat(lost.code()).isEqualTo(ErrorCode.SNAPSHOT_LOST));
                balancer.lead(one.port());
                assertThat(pool.<String>now(new Cancellation(), sql -> sql.text("SELECT 1"))).isEqualTo("1");
            }
        }
    }

    @Test
    void snapshots_of_several_mariadb_servers_are_no_instant() throws IOException {
        Map<String, String> alike = Map.of("log-bin", "binlog", "server-id", "1");
        try (MysqlInstance one = MysqlInstance.start(alike); MysqlInstance other = MysqlInstance.start(alike)) {
            requireOneServer(Vendor.MARIADB, one, other);
            requireProofOfReplicas(one);
        }
    }

    @Test
    void snapshots_of_several_mysql_servers_are_no_instant() throws IOException, InterruptedException {
        try (ServerArchive archive = ServerArchive.mysql80();
                MysqlInstance one = archive.start(Map.of());
                MysqlInstance other = archive.start(Map.of())) {
            requireOneServer(Vendor.MYSQL, one, other);
        }
    }

    /** A replica of a MySQL server has no GTIDs of its own kind, and what it does for its primary is in no log of its own. */
    private static void requireProofOfReplicas(MysqlInstance server) {
        try (Session session = Session.open(endpoint(Vendor.MARIADB, server.port()), "", "test")) {
            ServerRelease release = ServerRelease.of(session.sql());
            assertThat(BinlogProof.obstacle(session.sql(), release)).isEmpty();
            server.sql("mysql", "CHANGE MASTER TO master_host = '127.0.0.1', master_port = 1, master_user = 'nobody'; START SLAVE SQL_THREAD");
            assertThat(session.sql().text("SELECT @@global.gtid_slave_pos")).isEmpty();
            assertThat(BinlogProof.obstacle(session.sql(), release)).hasValueSatisfying(
                    why -> assertThat(why).contains("log_slave_updates"));
        }
    }
}
