package io.dbbackup.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.throwaway.ClusterComparison;
import io.dbbackup.throwaway.SampleCluster;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BackupVerifyRestoreE2E {

    @Test
    void a_whole_cluster_is_the_same_after_backup_verification_and_restore_and_retention_keeps_it() {
        try (Landscape land = Landscape.with(source -> SampleCluster.on(source).largeTable("shop", 50_000).everything())) {
            RestClient rest = land.server.rest();

            rest.succeed("backup", Map.of("policy", "all", "databases", "empty", "exclude", "[]"));
            rest.succeed("backup", Map.of("policy", "all"));
            assertThat(land.manifests()).hasSize(2);
            for (String level : List.of("stored", "content", "restore")) {
                JsonNode verified = rest.succeed("verify", Map.of("set", "latest:source", "level", level));
                assertThat(verified.path("summary").toString()).as("report of a verification").contains(level);
            }
            rest.succeed("restore", land.restoreAll());
            assertThat(ClusterComparison.between(land.source, land.target).differences()).isEmpty();

            retention(land, rest);
            report(rest);
            throughABucket(land, rest);
            throughSsh(land, rest);
            mariadb(land, rest);
            assertThat(land.server.log()).doesNotContain(" ERROR ").doesNotContain(land.source.password());
        }
    }

    /** The same through S3: the restore itself compares every table with the set. */
    private static void throughABucket(Landscape land, RestClient rest) {
        try (S3Server s3 = new S3Server()) {
            rest.configure(s3.configuration());
            JsonNode check = rest.get("stores/bucket/check").expect(200).body().path("capabilities");
            assertThat(check.path("atomicCreateOnly").asBoolean()).isTrue();
            rest.succeed("backup", Map.of("source", "source", "store", "bucket", "databases", "shop"));
            rest.succeed("verify", Map.of("set", "latest:source", "level", "content"));
            rest.succeed("restore", land.restoreOne("shop", "shop_from_s3"));
            assertThat(Landscape.manifests(s3.objects())).hasSize(1);
            assertThat(land.server.log()).doesNotContain(s3.secret());
        }
    }

    /** The same through SFTP. */
    private static void throughSsh(Landscape land, RestClient rest) {
        try (SshServer ssh = new SshServer()) {
            rest.configure(ssh.configuration());
            JsonNode check = rest.get("stores/vault/check").expect(200).body().path("capabilities");
            assertThat(check.path("atomicCreateOnly").asBoolean()).isTrue();
            rest.succeed("backup", Map.of("source", "source", "store", "vault", "databases", "shop"));
            rest.succeed("verify", Map.of("set", "latest:source", "level", "content"));
            rest.succeed("restore", land.restoreOne("shop", "shop_from_sftp"));
            assertThat(Landscape.manifests(ssh.sets())).hasSize(1);
        }
    }

    /** The same with MariaDB; its databases are one instant. */
    private static void mariadb(Landscape land, RestClient rest) {
        try (MariadbPair pair = new MariadbPair()) {
            rest.configure(pair.configuration());
            assertThat(rest.get("sources/maria/check").expect(200).body().path("server").path("engine").asText())
                    .isEqualTo("mariadb");
            rest.succeed("backup", Map.of(
                    "source", "maria", "store", "disk", "partBytes", "1M", "workers", "2"));
            JsonNode set = rest.get("sets/latest:maria").expect(200).body();
            assertThat(set.path("consistency").asText()).isEqualTo("instance");
            assertThat(set.path("openWithoutUs").toString()).contains("mariadb --local-infile");
            for (String level : List.of("stored", "content", "restore")) {
                rest.succeed("verify", Map.of("set", "latest:maria", "level", level));
            }
            rest.succeed("restore", Map.of("set", "latest:maria", "target", "maria_target", "workers", "2"));
            assertThat(pair.described(true)).isEqualTo(pair.described(false));
            assertThat(land.server.log()).doesNotContain(pair.sourcePassword());
        }
    }

    private static void retention(Landscape land, RestClient rest) {
        Map<String, String> keepOne = Map.of("policy", "all", "last", "1");
        JsonNode dry = rest.succeed("retention", Map.of("policy", "all", "last", "1", "dryRun", "true")).path("summary");
        assertThat(dry.path("keep")).hasSize(1);
        assertThat(dry.path("expire")).hasSize(1);
        assertThat(land.manifests()).as("manifests after a dry run").hasSize(2);

        JsonNode real = rest.succeed("retention", keepOne).path("summary");
        assertThat(real.path("keep")).isEqualTo(dry.path("keep"));
        // the manifest is freed as well
        assertThat(real.path("bytesFreed").asLong()).isGreaterThanOrEqualTo(dry.path("bytesFreed").asLong());
        assertThat(dry.path("bytesFreed").asLong()).isPositive();
        assertThat(land.manifests()).hasSize(1);
        String expired = dry.path("expire").get(0).path("set").asText();
        assertThat(land.files()).noneMatch(file -> file.toString().contains(expired));
        rest.succeed("verify", Map.of("set", "latest:source", "level", "stored"));
    }

    private static void report(RestClient rest) {
        JsonNode runs = rest.get("report").expect(200).body().path("runs");
        assertThat(runs.findValuesAsText("job"))
                .contains("backup", "verify", "restore", "retention").hasSize(runs.size()).hasSize(9);
        assertThat(runs.findValuesAsText("startedBy")).containsOnly("admin");
        assertThat(rest.get("report?format=csv").expect(200).text()).contains("restore", "retention");
    }
}
