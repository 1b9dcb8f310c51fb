package io.dbbackup.cli.command;

import com.fasterxml.jackson.databind.JsonNode;
import io.dbbackup.cli.client.ApiException;
import io.dbbackup.cli.text.Table;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** Applies a configuration file. */
@Command(name = "apply", description = "Apply a configuration file: all of it or nothing. Errors come with their lines.")
public final class ApplyCommand extends ApiCommand {
    @Option(names = {"-f", "--file"}, required = true, paramLabel = "FILE", description = "YAML file, or - for standard input.")
    private String file;

    @Option(names = "--dry-run", description = "Only say what would change.")
    private boolean dryRun;

    public ApplyCommand(Shared shared) {
        super(shared);
    }

    @Override
    public Integer call() {
        JsonNode result = api().put(
                "/config", Map.of("dryRun", Boolean.toString(dryRun)), read(), "application/yaml", "changes");
        if (json) {
            printJson(result);
            return 0;
        }
        Table table = new Table("KIND", "NAME", dryRun ? "WOULD BE" : "WAS");
        result.path("changes").forEach(change -> table.row(
                change.path("kind").asText(),
                change.path("name").asText(),
                change.path("action").asText().toLowerCase(Locale.ROOT)));
        table.print(out());
        return 0;
    }

    private byte[] read() {
        try {
            return file.equals("-") ? System.in.readAllBytes() : Files.readAllBytes(Path.of(file));
        } catch (IOException e) {
            throw new ApiException(
                    "INVALID_CONFIGURATION",
                    file + " cannot be read (" + reason() + ")",
                    "Name a file that exists and may be read, or - for standard input.",
                    66);
        }
    }

    private String reason() {
        Path path = Path.of(file);
        return Files.isDirectory(path) ? "it is a directory" : Files.exists(path) ? "no permission" : "no such file";
    }
}
