package io.dbbackup.service.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.Json;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.RetentionPolicy;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Policies with several stores. */
class StoresOfPoliciesTest {
    private static final String GOOD = """
            sources:
              - {name: shop, engine: postgresql, host: localhost, user: backup}
            stores:
              - {name: disk, type: file, path: /srv/disk}
              - {name: offsite, type: file, path: /srv/offsite}
            policies:
              - name: nightly
                source: shop
                stores: [disk, offsite]
                retention: {last: 7}
                retention_by_store: {offsite: {monthly: 12}}
            """;

    private static ConfigFile read(String yaml) {
        return new ConfigReader(new TestPlugins()).read(yaml, ConfigFile.EMPTY);
    }

    @Test
    void the_first_store_gets_the_backup_and_each_may_have_rules_of_its_own() {
        ConfigFile file = read(GOOD);
        PolicyConfig policy = file.policies().get(0);
        assertThat(policy.store()).isEqualTo("disk");
        assertThat(policy.copies()).containsExactly("offsite");
        assertThat(policy.retentionIn("disk").map(RetentionPolicy::last)).contains(7);
        assertThat(policy.retentionByStore()).isEqualTo(
                Map.of("offsite", new RetentionPolicy(0, 0, 0, 12, 0, 1, Optional.empty())));
        assertThat(read(ConfigWriter.yaml(file))).isEqualTo(file);
        assertThat(Json.read(Json.write(policy), PolicyConfig.class)).isEqualTo(policy);
    }

    @Test
    void stores_that_are_unknown_named_twice_or_in_both_ways_are_refused() {
        refused("stores: [disk, offsite]", "stores: [disk, ofsite]", "there is no store \"ofsite\". Did you mean \"offsite\"?");
        refused("stores: [disk, offsite]", "stores: [disk, disk, offsite]", "stores names a store twice");
        refused("stores: [disk, offsite]", "stores: []", "stores names no store");
        refused("stores: [disk, offsite]", "stores: [disk, offsite]\n    store: disk", "store and stores are both given");
        refused("{offsite: {monthly", "{tape: {monthly", "the policy has no store \"tape\"");
        refused("{monthly: 12}", "{min_count: 12}", "no rule says which sets to keep");
    }

    private static void refused(String good, String bad, String message) {
        assertThatThrownBy(() -> read(GOOD.replace(good, bad)))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining(message);
    }
}
