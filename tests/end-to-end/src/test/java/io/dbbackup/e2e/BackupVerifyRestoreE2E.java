package io.dbbackup.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.throwaway.ClusterComparison;
import io.dbbackup.throwaway.SampleCluster;
import java.util.Map;
import org.junit.jupiter.api.Test;

class BackupVerifyRestoreE2E {

    @Test
    void a_whole_cluster_is_the_same_after_backup_verification_and_restore() {
        try (Landscape land = Landscape.with(source -> SampleCluster.on(source).largeTable("shop", 100_000).everything())) {
            RestClient rest = land.server.rest();

            rest.succeed("backup", Map.of("policy", "all"));
            assertThat(land.manifests()).hasSize(1);
            for (String level : new String[] {"stored", "content", "restore"}) {
                rest.succeed("verify", Map.of("set", "latest:source", "level", level));
            }
            JsonNode restore = rest.succeed("restore", land.restoreAll());

            assertThat(ClusterComparison.between(land.source, land.target).differences()).isEmpty();
            assertThat(restore.path("exitStatus").asText()).isEqualTo("COMPLETED");
        }
    }
}
