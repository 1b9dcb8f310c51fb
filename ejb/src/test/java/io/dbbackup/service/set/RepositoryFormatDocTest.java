package io.dbbackup.service.set;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.dbbackup.throwaway.PostgresInstance;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Executes the console blocks of docs/repository-format.md against the golden set and a real server, in one shell, and
 * compares what they print. The document as it should be is left in {@code target/repository-format.md}.
 */
class RepositoryFormatDocTest {
    private static final String BLOCK = "```console";
    private static final String MARK = "@@ next command";

    @TempDir
    Path temp;

    @Test
    void a_stranger_reads_and_restores_a_set_by_the_commands_of_the_document() throws Exception {
        for (String tool : List.of("bash", "zstd", "jq", "tar", "sha256sum")) {
            assumeTrue(onPath(tool), tool + " is not installed");
        }
        boolean xxhsum = onPath("xxhsum") && onPath("python3");
        Path document = Path.of("..", "docs", "repository-format.md");
        List<String> lines = Files.readAllLines(document);
        List<String> commands = commands(lines).stream()
                .map(command -> xxhsum || !command.contains("xxhsum -H2") ? command : ":")
                .toList();
        try (PostgresInstance server = PostgresInstance.builder().start()) {
            List<String> outputs = run(server, commands);
            String actual = String.join("\n", rendered(lines, outputs, xxhsum)) + "\n";
            Files.writeString(Files.createDirectories(Path.of("target")).resolve("repository-format.md"), actual);
            assertThat(actual).isEqualTo(Files.readString(document));
        }
    }

    private static List<String> commands(List<String> lines) {
        List<String> commands = new ArrayList<>();
        boolean inside = false;
        for (String line : lines) {
            inside = inside ? !line.equals("```") : line.equals(BLOCK);
            if (inside && line.startsWith("$ ")) {
                commands.add(line.substring(2));
            }
        }
        assertThat(commands).hasSizeGreaterThan(10);
        return commands;
    }

    private List<String> run(PostgresInstance server, List<String> commands) throws Exception {
        StringBuilder script = new StringBuilder("set -o pipefail\n");
        for (String command : commands) {
            script.append("echo '").append(MARK).append("'\n").append(command).append('\n')
                    .append("status=$?; [ $status = 0 ] || echo \"(exit code $status)\"\n");
        }
        Path passwords = Files.writeString(temp.resolve("pgpass"), "*:*:*:*:" + server.password() + "\n");
        passwords.toFile().setReadable(false, false);
        passwords.toFile().setReadable(true, true);
        passwords.toFile().setWritable(false, false);
        ProcessBuilder builder = new ProcessBuilder("bash", "-s")
                .directory(GoldenSetTest.copyTo(temp.resolve("store")).toFile())
                .redirectErrorStream(true);
        builder.environment().clear();
        builder.environment().putAll(Map.of(
                "PATH", Path.of(server.binaries().tool("psql")).getParent() + ":" + System.getenv("PATH"),
                "LC_ALL", "C",
                "HOME", temp.toString(),
                "PGHOST", server.host(),
                "PGPORT", Integer.toString(server.port()),
                "PGUSER", server.user(),
                "PGPASSFILE", passwords.toString()));
        Path input = Files.writeString(temp.resolve("commands"), script);
        Process shell = builder.redirectInput(input.toFile()).start();
        String output = new String(shell.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        shell.waitFor();
        List<String> outputs = new ArrayList<>(List.of(output.split(MARK + "\n", -1)));
        assertThat(outputs.remove(0)).isEmpty();
        assertThat(outputs).as(output).hasSameSizeAs(commands);
        return outputs;
    }

    /** The document with what the commands printed now; what cannot be run here stays as it is. */
    private static List<String> rendered(List<String> lines, List<String> outputs, boolean xxhsum) {
        List<String> rendered = new ArrayList<>();
        int next = 0;
        boolean inside = false;
        boolean skipped = false;
        for (String line : lines) {
            boolean ends = inside && line.equals("```");
            if (inside && !ends && !line.startsWith("$ ")) {
                if (skipped) {
                    rendered.add(line);
                }
                continue;
            }
            rendered.add(line);
            if (inside && !ends) {
                skipped = !xxhsum && line.contains("xxhsum -H2");
                outputs.get(next++).lines().forEach(rendered::add);
            }
            inside = inside ? !ends : line.equals(BLOCK);
        }
        return rendered;
    }

    private static boolean onPath(String tool) throws IOException {
        return Stream.of(System.getenv("PATH").split(File.pathSeparator))
                .anyMatch(directory -> Files.isExecutable(Path.of(directory, tool)));
    }
}
