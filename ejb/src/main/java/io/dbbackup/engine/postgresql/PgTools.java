package io.dbbackup.engine.postgresql;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The PostgreSQL client programs of one directory.
 *
 * @param directory where {@code pg_dump} and its siblings are
 * @param major their major version
 * @param minor their minor version
 */
public record PgTools(Path directory, int major, int minor) {
    private static final Path VERSIONED = Path.of("/usr/lib/postgresql");
    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)\\.(\\d+)");

    /**
     * Finds tools that are at least as new as the server: the endpoint's {@code toolDirectory}, or the same major
     * version below /usr/lib/postgresql, or the next newer one there, or what PATH leads to.
     *
     * @param serverMajor major version of the server that they must understand
     * @throws BackupException TOOL_MISSING, TOOL_TOO_OLD
     */
    public static PgTools find(Endpoint endpoint, int serverMajor) {
        List<PgTools> found = candidates(endpoint).stream().map(PgTools::inspect).flatMap(Optional::stream).toList();
        return found.stream()
                .filter(tools -> tools.major >= serverMajor)
                .min(Comparator.comparingInt(PgTools::major).thenComparing(Comparator.comparingInt(PgTools::minor).reversed()))
                .orElseThrow(() -> missing(endpoint, serverMajor, found));
    }

    /** @throws BackupException TOOL_MISSING when the directory has no such program */
    public Path program(String name) {
        Path program = directory.resolve(name);
        if (!Files.isExecutable(program)) {
            throw new BackupException(
                    ErrorCode.TOOL_MISSING,
                    "there is no program " + program,
                    "Install all client programs of PostgreSQL " + major + " (package postgresql-client-" + major + ").");
        }
        return program;
    }

    public String version() {
        return major + "." + minor;
    }

    private static List<Path> candidates(Endpoint endpoint) {
        Optional<String> chosen = endpoint.option(PgOptions.TOOL_DIRECTORY);
        if (chosen.isPresent()) {
            return List.of(Path.of(chosen.get()));
        }
        List<Path> directories = new ArrayList<>();
        if (Files.isDirectory(VERSIONED)) {
            try (DirectoryStream<Path> versions = Files.newDirectoryStream(VERSIONED)) {
                versions.forEach(version -> directories.add(version.resolve("bin")));
            } catch (IOException e) {
                // an unreadable directory is as good as none: PATH is next
                directories.clear();
            }
        }
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        for (String entry : path.split(File.pathSeparator)) {
            if (!entry.isBlank()) {
                directories.add(Path.of(entry));
            }
        }
        return directories;
    }

    /** Asks {@code pg_dump} itself: directory names and package managers may say anything. */
    private static Optional<PgTools> inspect(Path directory) {
        Path program = directory.resolve("pg_dump");
        if (!Files.isExecutable(program)) {
            return Optional.empty();
        }
        try {
            ProcessBuilder builder = new ProcessBuilder(program.toString(), "--version").redirectErrorStream(true);
            builder.environment().keySet().removeIf(name -> !name.equals("PATH"));
            Process process = builder.start();
            process.getOutputStream().close();
            String answer = new String(process.getInputStream().readNBytes(1000));
            process.waitFor();
            Matcher matcher = VERSION.matcher(answer);
            return matcher.find()
                    ? Optional.of(new PgTools(
                            directory, Integer.parseInt(matcher.group(1)), Integer.parseInt(matcher.group(2))))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BackupException(
                    ErrorCode.CANCELLED, "looking for tools was interrupted", "Restart the run.", e);
        }
    }

    private static BackupException missing(Endpoint endpoint, int serverMajor, List<PgTools> found) {
        String install = "Install the package postgresql-client-" + serverMajor + " or newer, or set the option "
                + PgOptions.TOOL_DIRECTORY + " of \"" + endpoint.name() + "\" to the directory of newer programs.";
        if (found.isEmpty()) {
            return new BackupException(
                    ErrorCode.TOOL_MISSING,
                    "pg_dump was not found in "
                            + endpoint.option(PgOptions.TOOL_DIRECTORY).orElse(VERSIONED + "/*/bin or PATH"),
                    install);
        }
        PgTools newest = found.stream().max(Comparator.comparingInt(PgTools::major)).orElseThrow();
        return new BackupException(
                ErrorCode.TOOL_TOO_OLD,
                "the newest pg_dump is " + newest.version() + " in " + newest.directory + ", the server is "
                        + serverMajor,
                install);
    }
}
