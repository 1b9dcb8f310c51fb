package io.dbbackup.engine.postgresql;

import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ServerFacts;
import java.io.File;
import java.io.IOException;
import java.nio.file.DirectoryIteratorException;
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
    /** Where packages put one directory per version: Debian and Ubuntu, then postgresql.org's for Red Hat and SUSE. */
    private static final List<String[]> PACKAGED =
            List.of(new String[] {"/usr/lib/postgresql", "*"}, new String[] {"/usr", "pgsql-*"});
    /** Detail of the server's description that says which tools made the backup. */
    public static final String TOOL_VERSION = "toolVersion";

    private static final Pattern LEADING = Pattern.compile("^\\d+");
    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)\\.(\\d+)");

    /**
     * Finds tools for a server to read from: the endpoint's {@code toolDirectory}, or else the same major version below
     * /usr/lib/postgresql, /usr/pgsql-* and in PATH, or the next newer one there.
     *
     * @param serverMajor major version of the server that they must understand
     * @throws BackupException TOOL_MISSING, TOOL_TOO_OLD
     */
    public static PgTools find(Endpoint endpoint, int serverMajor) {
        List<PgTools> found = installed(endpoint);
        return choose(found, serverMajor, serverMajor)
                .orElseThrow(() -> missing(endpoint, "the server is " + serverMajor, serverMajor, found));
    }

    /**
     * Finds tools for a server to write to, in the same places.
     *
     * @param archiveMajor major version of the pg_dump that wrote the archive; an older pg_restore cannot read it
     * @param serverMajor major version of the server. That version or the next newer one is preferred; an older one
     *     will do when nothing else is there
     * @throws BackupException TOOL_MISSING, TOOL_TOO_OLD
     */
    public static PgTools find(Endpoint endpoint, int archiveMajor, int serverMajor) {
        List<PgTools> found = installed(endpoint);
        return choose(found, archiveMajor, serverMajor).orElseThrow(() -> missing(
                endpoint, "the definitions in the set were written by pg_dump " + archiveMajor, archiveMajor, found));
    }

    /** Major version of the pg_dump that made a backup of that server, which may be newer than the server. */
    public static int archiveMajor(ServerFacts source) {
        Matcher matcher = LEADING.matcher(source.details().getOrDefault(TOOL_VERSION, ""));
        return matcher.find() ? Math.max(Integer.parseInt(matcher.group()), source.major()) : source.major();
    }

    /** Tools of this machine that read an archive of that major version, preferably of just that version. */
    static Optional<PgTools> reading(int archiveMajor) {
        return choose(inspect(candidates(Optional.empty())), archiveMajor, archiveMajor);
    }

    /** The tools of that directory, if there are any. */
    public static Optional<PgTools> in(Path directory) {
        return inspect(directory);
    }

    /** The best major version and of it the latest minor one. */
    static Optional<PgTools> choose(List<PgTools> found, int atLeast, int preferred) {
        Comparator<PgTools> minor = Comparator.comparingInt(PgTools::minor).reversed();
        int best = Math.max(atLeast, preferred);
        return found.stream()
                .filter(tools -> tools.major >= best)
                .min(Comparator.comparingInt(PgTools::major).thenComparing(minor))
                .or(() -> found.stream()
                        .filter(tools -> tools.major >= atLeast)
                        .min(Comparator.comparingInt(PgTools::major).reversed().thenComparing(minor)));
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

    private static List<PgTools> installed(Endpoint endpoint) {
        return inspect(candidates(endpoint.option(PgOptions.TOOL_DIRECTORY)));
    }

    private static List<Path> candidates(Optional<String> chosen) {
        if (chosen.isPresent()) {
            return List.of(Path.of(chosen.get()));
        }
        List<Path> directories = new ArrayList<>();
        for (String[] rootAndGlob : PACKAGED) {
            try (DirectoryStream<Path> versions = Files.newDirectoryStream(Path.of(rootAndGlob[0]), rootAndGlob[1])) {
                versions.forEach(version -> directories.add(version.resolve("bin")));
            } catch (IOException | DirectoryIteratorException e) {
                // not this distribution's place; an unreadable directory is as good as none
                continue;
            }
        }
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        for (String entry : path.split(File.pathSeparator)) {
            if (!entry.isBlank() && !isDebiansWrapper(Path.of(entry).resolve("pg_dump"))) {
                directories.add(Path.of(entry));
            }
        }
        return directories;
    }

    /** It only chooses among the packaged directories, and being a script takes ten times as long to say its version. */
    private static boolean isDebiansWrapper(Path program) {
        try {
            return program.toRealPath().endsWith("pg_wrapper");
        } catch (IOException e) {
            return false;
        }
    }

    private static List<PgTools> inspect(List<Path> directories) {
        return directories.stream()
                .map(PgTools::inspect)
                .flatMap(Optional::stream)
                .toList();
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

    private static BackupException missing(Endpoint endpoint, String reason, int major, List<PgTools> found) {
        String install = "Install the package postgresql-client-" + major + " or newer, or set the option "
                + PgOptions.TOOL_DIRECTORY + " of \"" + endpoint.name() + "\" to the directory of newer programs.";
        if (found.isEmpty()) {
            return new BackupException(
                    ErrorCode.TOOL_MISSING,
                    "pg_dump was not found in "
                            + endpoint.option(PgOptions.TOOL_DIRECTORY)
                                    .orElse("/usr/lib/postgresql/*/bin, /usr/pgsql-*/bin or PATH"),
                    install);
        }
        PgTools newest = found.stream().max(Comparator.comparingInt(PgTools::major)).orElseThrow();
        return new BackupException(
                ErrorCode.TOOL_TOO_OLD,
                "the newest pg_dump is " + newest.version() + " in " + newest.directory + ", " + reason,
                install);
    }
}
