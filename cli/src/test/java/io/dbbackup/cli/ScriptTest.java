package io.dbbackup.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.cli.command.Shared;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The script {@code dbbackup} itself, with a Java that says what it was asked for in the place of the real one. */
class ScriptTest {
    private static final Path ROOT = Path.of("..").toAbsolutePath().normalize();

    @TempDir
    private Path directory;

    @BeforeEach
    void put_the_script_beside_a_client_that_echoes() throws IOException {
        Files.copy(ROOT.resolve("dbbackup"), directory.resolve("dbbackup"));
        Files.createSymbolicLink(directory.resolve("server-config"), ROOT.resolve("server-config"));
        Files.createDirectories(directory.resolve("cli/target"));
        Files.createFile(directory.resolve("cli/target/dbbackup-cli.jar"));
        Path java = Files.createDirectories(directory.resolve("jdk/bin")).resolve("java");
        Files.writeString(java, """
                #!/bin/sh
                case $1 in -XshowSettings*) echo '    java.specification.version = 17' ;; *) shift 2; echo "client: $*" ;; esac
                """);
        assertThat(java.toFile().setExecutable(true)).isTrue();
    }

    @Test
    void every_command_of_the_client_is_reached_through_the_script() throws Exception {
        PrintWriter nowhere = new PrintWriter(PrintWriter.nullWriter());
        Set<String> commands = Main.commandLine(new Shared(Terminal.system(), Environment.system()), nowhere, nowhere)
                .getSubcommands()
                .keySet();
        assertThat(commands).contains("backup", "tools");
        for (String command : commands) {
            // the demo prepares the machine first, and the script has help of its own
            if (!Set.of("demo", "help").contains(command)) {
                assertThat(script(command, "one", "two")).isEqualTo("client: " + command + " one two\n");
            }
        }
        assertThat(script("help", "tools")).contains("Usage: dbbackup", "client: help tools");
    }

    private String script(String... arguments) throws Exception {
        List<String> command = new ArrayList<>(List.of("bash", directory.resolve("dbbackup").toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(Map.of("JAVA_HOME", directory.resolve("jdk").toString(), "DBBACKUP_BUILD", "never"));
        Process process = builder.start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said;
    }
}
