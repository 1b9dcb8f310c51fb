package io.dbbackup.service.config;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.service.config.ApplyResult.Action;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

class ConfigWriterTest {
    @Test
    void the_example_of_the_documentation_is_valid_and_what_is_written_reads_the_same() throws IOException {
        ConfigFile example = read(example());
        assertThat(example.sources()).hasSize(2);
        assertThat(example.policies().get(0).retention()).isPresent();
        assertThat(read(ConfigWriter.yaml(example))).isEqualTo(example);
    }

    @Test
    void only_differences_count_as_changes() throws IOException {
        ConfigFile before = read(example());
        assertThat(Changes.between(ConfigFile.EMPTY, before).changes())
                .hasSize(6)
                .allMatch(change -> change.action() == Action.CREATED);
        assertThat(Changes.between(before, before).changesAnything()).isFalse();
        ConfigFile after = read(example().replace("level: 3", "level: 4").replaceAll("(?s)notifications:.*", ""));
        assertThat(Changes.between(before, after).changes())
                .filteredOn(change -> change.action() != Action.UNCHANGED)
                .containsExactly(
                        new ApplyResult.Change("policy", "nightly", Action.CHANGED),
                        new ApplyResult.Change("notification", "dba", Action.KEPT));
    }

    static String example() throws IOException {
        String document = Files.readString(Path.of("../docs/configuration.md"));
        Matcher block = Pattern.compile("(?s)```yaml\\n(.*?)```").matcher(document);
        assertThat(block.find()).isTrue();
        return block.group(1);
    }

    private static ConfigFile read(String yaml) {
        return new ConfigReader(new TestPlugins()).read(yaml, ConfigFile.EMPTY);
    }
}
