package io.dbbackup.service.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.CatalogFixture;
import io.dbbackup.catalog.Configuration;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.service.config.ApplyResult.Action;
import java.io.IOException;
import java.time.Clock;
import java.util.Map;
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

    @Test
    void a_second_name_of_a_place_is_refused_and_two_stores_may_change_places() {
        config.apply("stores:\n  - {name: one, type: file, path: /srv/one}\n  - {name: two, type: file, path: /srv/two}\n", false);
        assertThatThrownBy(() -> config.apply("stores:\n  - {name: three, type: file, path: /srv/x/../one/}\n", false))
                .isInstanceOfSatisfying(InvalidConfigurationException.class, e -> assertThat(e.errors())
                        .singleElement()
                        .hasToString("line 2, column 5: store \"three\": the store \"one\" is at the same place already. Use that"
                                + " one, or give one of them another path, bucket or prefix."));
        assertThatThrownBy(() -> config.apply(
                        "stores:\n  - {name: a, type: file, path: /srv/a}\n  - {name: b, type: file, path: /srv/a}\n", true))
                .hasMessageContaining("store \"b\": the store \"a\" is at the same place already");
        assertThatThrownBy(() -> config.register(
                        new StoreConfig("three", "file", Map.of("path", "/srv/two"))))
                .hasMessageContaining("\"three\" and \"two\" are the same place");

        config.apply("stores:\n  - {name: one, type: file, path: /srv/two}\n  - {name: two, type: file, path: /srv/one}\n", false);

        assertThat(configuration.store("one").settings()).containsEntry("path", "/srv/two");
        assertThat(configuration.stores()).hasSize(2);
    }
}
