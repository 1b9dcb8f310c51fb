package io.dbbackup.service.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.model.RetentionPolicy;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZonedDateTime;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Each file in {@code retention/} tells a story: the policy, the instant, the sets (name, local time with zone, marks), and
 * below the line what must come out, with the reasons.
 */
class RetentionPlannerGoldenTest {
    static Stream<Path> stories() throws IOException, URISyntaxException {
        Path folder = Path.of(RetentionPlannerGoldenTest.class.getResource("/retention").toURI());
        try (Stream<Path> files = Files.list(folder)) {
            return files.sorted().toList().stream();
        }
    }

    @ParameterizedTest
    @MethodSource("stories")
    void decides_as_the_story_tells(Path story) throws IOException {
        List<String> lines = Files.readAllLines(story);
        int line = lines.indexOf("----");

        String decided = decide(lines.subList(0, line));

        assertThat(decided).isEqualTo(String.join("\n", lines.subList(line + 1, lines.size())));
    }

    private static String decide(List<String> lines) {
        RetentionPolicy policy = policy(value(lines, "policy:"));
        Instant now = ZonedDateTime.parse(value(lines, "now:")).toInstant();
        List<RetentionCandidate> sets = lines.stream()
                .filter(line -> line.startsWith("set: "))
                .map(line -> candidate(line.substring("set: ".length())))
                .toList();
        return String.join(
                "\n",
                RetentionPlanner.plan(sets, policy, now).stream()
                        .map(d -> (d.keep() ? "keep   " : "expire ") + d.set() + ": " + String.join(", ", d.rules()))
                        .toList());
    }

    private static String value(List<String> lines, String name) {
        return lines.stream()
                .filter(line -> line.startsWith(name))
                .findFirst()
                .orElseThrow()
                .substring(name.length())
                .strip();
    }

    private static RetentionPolicy policy(String text) {
        return new RetentionPolicy(
                number(text, "last", 0),
                number(text, "daily", 0),
                number(text, "weekly", 0),
                number(text, "monthly", 0),
                number(text, "yearly", 0),
                number(text, "minCount", 1),
                word(text, "maxAge").map(age -> Ages.parse("maxAge", age)));
    }

    private static int number(String text, String name, int otherwise) {
        return word(text, name).map(Integer::parseInt).orElse(otherwise);
    }

    private static Optional<String> word(String text, String name) {
        return Arrays.stream(text.split(" "))
                .filter(word -> word.startsWith(name + "="))
                .map(word -> word.substring(name.length() + 1))
                .findFirst();
    }

    private static RetentionCandidate candidate(String text) {
        String[] word = text.split(" +", 3);
        ZonedDateTime taken = ZonedDateTime.parse(word[1]);
        String marks = word.length > 2 ? word[2] : "";
        return new RetentionCandidate(
                word[0],
                marks.contains("made of ") ? marks.replaceAll(".*made of (\\S+).*", "$1") : word[0],
                taken.toInstant(),
                ZoneId.of(taken.getZone().getId()),
                marks.contains("lacks ")
                        ? Set.of(marks.replaceAll(".*lacks ([^,]+).*", "$1").split(" and "))
                        : marks.contains("incomplete") ? Set.of("what failed") : Set.of(),
                marks.contains("verified"),
                marks.contains("damaged"),
                marks.contains("used by ")
                        ? Optional.of(marks.substring(marks.indexOf("used by ") + "used by ".length()))
                        : Optional.empty());
    }
}
