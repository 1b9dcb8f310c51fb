package io.dbbackup.service.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.model.Bandwidth;
import io.dbbackup.model.Json;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.DayOfWeek;
import java.time.LocalTime;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** The example of the documentation, and what is wrong with others. */
class LimitsInConfigurationTest {
    @Test
    void limits_are_read_and_written_and_read_the_same() throws IOException {
        ConfigFile file = read(example());
        assertThat(file.workers()).contains(6);
        SourceConfig source = file.sources().get(0);
        assertThat(source.maxConnections()).contains(8);
        assertThat(source.bandwidth()).contains(Bandwidth.of(50 << 20));
        StoreConfig store = file.stores().get(0);
        assertThat(store.settings()).containsOnlyKeys("path");
        assertThat(store.bandwidth()).contains(new Bandwidth(
                Optional.of(100L << 20),
                List.of(
                        new Bandwidth.Window(
                                List.of(
                                        DayOfWeek.MONDAY, DayOfWeek.TUESDAY, DayOfWeek.WEDNESDAY, DayOfWeek.THURSDAY,
                                        DayOfWeek.FRIDAY),
                                LocalTime.of(8, 0), LocalTime.of(18, 0), Optional.of(10L << 20)),
                        new Bandwidth.Window(List.of(), LocalTime.of(22, 0), LocalTime.of(6, 0), Optional.empty())),
                "Europe/Berlin"));
        assertThat(read(ConfigWriter.yaml(file))).isEqualTo(file);
        assertThat(Json.read(Json.write(store), StoreConfig.class)).isEqualTo(store);
        assertThat(Json.read(Json.write(source), SourceConfig.class)).isEqualTo(source);
    }

    @Test
    void a_catalog_from_before_there_were_limits_has_none() {
        StoreConfig store = Json.read("{\"name\":\"disk\",\"type\":\"file\",\"settings\":{}}", StoreConfig.class);
        assertThat(store.bandwidth()).isEmpty();
    }

    @Test
    void what_cannot_be_a_limit_is_refused() throws IOException {
        refused("bandwidth: 50 MiB/s", "bandwidth: fast", "bandwidth is \"fast\". Give bytes per second, for example");
        refused("bandwidth: 50 MiB/s", "bandwidth: 10", "At least 1 KiB/s");
        refused("max_connections: 8", "max_connections: 0", "Give a whole number from 1");
        refused("days: [mon-fri]", "days: [mon-fry]", "days has \"mon-fry\"");
        refused("timezone: Europe/Berlin", "timezone: Europe/Berlim", "Did you mean \"Europe/Berlin\"?");
        refused("from: 08:00", "from: 8 o'clock", "from is \"8 o'clock\"");
        refused("workers: 6", "wrokers: 6", "Did you mean \"workers\"?");
    }

    private static void refused(String good, String bad, String message) throws IOException {
        String example = example();
        assertThat(example).contains(good);
        assertThatThrownBy(() -> read(example.replace(good, bad)))
                .isInstanceOf(InvalidConfigurationException.class)
                .hasMessageContaining(message);
    }

    private static String example() throws IOException {
        String document = Files.readString(Path.of("../docs/configuration.md"));
        Matcher block = Pattern.compile("(?s)## limits.*?```yaml\\n(.*?)```").matcher(document);
        assertThat(block.find()).isTrue();
        return block.group(1);
    }

    private static ConfigFile read(String yaml) {
        return new ConfigReader(new TestPlugins()).read(yaml, ConfigFile.EMPTY);
    }
}
