package io.dbbackup.service.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.CatalogFixture;
import io.dbbackup.catalog.Configuration;
import io.dbbackup.service.config.ApplyResult.Action;
import java.io.IOException;
import java.time.Clock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class ConfigServiceTest {
    private final CatalogFixture catalog = new CatalogFixture();
    private final Configuration configuration = catalog.bean(Configuration.class, Clock.systemUTC());
    private final ConfigService config = catalog.bean(ConfigService.class, configuration, new TestPlugins());

    @AfterEach
    void close() {
        catalog.close();
    }

    @Test
    void the_example_of_the_documentation_is_applied_once_and_changes_nothing_the_second_time() throws IOException {
        ApplyResult first = config.apply(ConfigWriterTest.example(), false);
        assertThat(first.changes()).hasSize(6).allMatch(change -> change.action() == Action.CREATED);
        assertThat(configuration.policy("nightly").source()).isEqualTo("shop");
        assertThat(configuration.channels().get(0).settings()).containsEntry("subjectPrefix", "[backup]");
        assertThat(config.apply(ConfigWriterTest.example(), false).changesAnything()).isFalse();
        assertThat(config.apply(config.yaml(), false).changesAnything()).isFalse();
        assertThat(config.yaml()).contains("password_env: SHOP_PASSWORD");
    }

    @Test
    void a_dry_run_changes_nothing() throws IOException {
        assertThat(config.apply(ConfigWriterTest.example(), true).changesAnything()).isTrue();
        assertThat(configuration.sources()).isEmpty();
    }

    @Test
    void a_change_is_saved_and_a_file_with_an_error_changes_nothing_at_all() throws IOException {
        config.apply(ConfigWriterTest.example(), false);
        config.apply(ConfigWriterTest.example().replace("level: 3", "level: 9"), false);
        assertThat(configuration.policy("nightly").level()).isEqualTo(9);
        assertThatThrownBy(() -> config.apply(
                        ConfigWriterTest.example().replace("level: 3", "level: 5").replace("type: mail", "type: fax"), false))
                .isInstanceOf(InvalidConfigurationException.class);
        assertThat(configuration.policy("nightly").level()).isEqualTo(9);
    }
}
