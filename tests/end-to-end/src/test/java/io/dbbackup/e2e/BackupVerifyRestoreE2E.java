package io.dbbackup.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import io.dbbackup.throwaway.ClusterComparison;
import io.dbbackup.throwaway.SampleCluster;
import io.dbbackup.throwaway.ServerArchive;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BackupVerifyRestoreE2E {

    @Test
    void a_whole_cluster_is_the_same_after_backup_verification_and_restore_and_retention_keeps_it()
            throws IOException, InterruptedException {
        try (ServerArchive mysql = ServerArchive.mysql80();
                S3Server s3 = new S3Server();
                Landscape land = Landscape.with(
                        source -> SampleCluster.on(source).largeTable("shop", 50_000).everything(),
                        Map.of("DBBACKUP_MYSQL_HOMES", mysql.home().toString()))) {
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
            throughABucket(land, rest, s3);
            throughSsh(land, rest);
            mariadb(land, rest);
            mysql(land, rest, s3, mysql);
            assertThat(land.server.log()).doesNotContain(" ERROR ").doesNotContain(land.source.password());
        }
    }

    /** The same through S3: the restore itself compares every table with the set. */
    private static void throughABucket(Landscape land, RestClient rest, S3Server s3) {
        rest.configure(s3.configuration());
        JsonNode check = rest.get("stores/bucket/check").expect(200).body().path("capabilities");
        assertThat(check.path("atomicCreateOnly").asBoolean()).isTrue();
        // no latest one: the whole set is
        String set = rest.succeed("backup", Map.of("source", "source", "store", "bucket", "databases", "shop")).path("set").asText();
        rest.succeed("verify", Map.of("set", set, "level", "content"));
        rest.succeed("restore", Landscape.restoreOne(set, "shop", "shop_from_s3"));
        assertThat(Landscape.manifests(s3.objects())).hasSize(1);
        assertThat(land.server.log()).doesNotContain(s3.secret());
    }

    /** The same through SFTP. */
    private static void throughSsh(Landscape land, RestClient rest) {
        try (SshServer ssh = new SshServer()) {
            rest.configure(ssh.configuration());
            JsonNode check = rest.get("stores/vault/check").expect(200).body().path("capabilities");
            assertThat(check.path("atomicCreateOnly").asBoolean()).isTrue();
            // no latest one: the whole set is
            String set = rest.succeed("backup", Map.of("source", "source", "store", "vault", "databases", "shop")).path("set").asText();
            rest.succeed("verify", Map.of("set", set, "level", "content"));
            rest.succeed("restore", Landscape.restoreOne(set, "shop", "shop_from_sftp"));
            assertThat(Landscape.manifests(ssh.sets())).hasSize(1);
        }
    }

    /** The same with MariaDB; its databases are one instant. */
    private static void mariadb(Landscape land, RestClient rest) {
        try (MysqlPair pair = MysqlPair.mariadb()) {
            rest.configure(pair.configuration());
            rest.succeed("backup", Map.of(
                    "source", pair.name(), "store", "disk", "partBytes", "1M", "workers", "2"));
            whatIsStoredComesBack(pair, land, rest, "mariadb --local-infile");
        }
    }

    /**
     * The same with MySQL, and everything at once that a backup can have around it: it is begun by the command line, encrypted, streamed
     * into a bucket, with scripts before and after.
     */
    private static void mysql(Landscape land, RestClient rest, S3Server s3, ServerArchive programs) throws IOException {
        try (MysqlPair pair = MysqlPair.mysql(programs)) {
            rest.configure(pair.configuration());
            Path key = land.file("office.key");
            land.server.command("keys", "generate", "--type", "key-file", "--out", key.toString());
            rest.configure("keys: [{name: office, type: key-file, file: " + key + "}]");
            Path told = land.hook("tell.sh");
            String end = land.server.command(
                    "backup", "--source", pair.name(), "--store", "bucket", "--part-size", "1M", "--workers", "2",
                    "--encrypt", "office", "--hook-before", "tell.sh", "--hook-after", "tell.sh", "--wait", "--json");
            RestClient.succeeded(new ObjectMapper().readTree(end.substring(end.indexOf('{'))));
            assertThat(told).hasContent("before backup my\nafter backup my success");

            Path objects = s3.objects().resolve(pair.name());
            assertThat(Landscape.files(objects)).extracting(Path::toString)
                    .filteredOn(file -> file.contains(".sql") || file.contains(".tsv"))
                    .hasSizeGreaterThan(10).allMatch(file -> file.endsWith(".enc"));
            assertThat(Landscape.manifests(objects)).singleElement().satisfies(manifest ->
                    assertThat(manifest).content().contains("office").doesNotContain("customer"));
            whatIsStoredComesBack(pair, land, rest, "Decrypt.java");
            assertThat(land.server.log()).doesNotContain(Files.readAllLines(key).get(1));
        }
    }

    /** @param opener what opens the set without us */
    private static void whatIsStoredComesBack(MysqlPair pair, Landscape land, RestClient rest, String opener) {
        assertThat(rest.get("sources/" + pair.name() + "/check").expect(200).body().path("server").path("engine").asText())
                .isEqualTo(pair.engine());
        String name = "latest:" + pair.name();
        JsonNode set = rest.get("sets/" + name).expect(200).body();
        assertThat(set.path("consistency").asText()).isEqualTo("instance");
        assertThat(set.path("openWithoutUs").toString()).contains(opener);
        for (String level : List.of("stored", "content", "restore")) {
            JsonNode verified = rest.succeed("verify", Map.of("set", name, "level", level));
            assertThat(verified.path("summary").toString()).as("report of a verification").contains(level);
        }
        rest.succeed("restore", pair.restoreAll());
        assertThat(pair.described(true)).isEqualTo(pair.described(false));
        assertThat(land.server.log()).doesNotContain(pair.sourcePassword());
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
