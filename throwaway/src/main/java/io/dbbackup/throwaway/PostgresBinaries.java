package io.dbbackup.throwaway;

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
import java.util.stream.Collectors;

/**
 * A directory with PostgreSQL's server and client programs of one major version.
 *
 * @param directory holds {@code postgres}, {@code initdb}, {@code pg_ctl}, {@code psql}, {@code pg_dump} …
 * @param majorVersion for example 15
 */
public record PostgresBinaries(Path directory, int majorVersion) {

    private static final Pattern VERSION = Pattern.compile("\\(PostgreSQL\\) (\\d+)");

    /** Where packages put one directory per version: Debian and Ubuntu, then the PGDG packages of Red Hat and SUSE. */
    private static final List<String[]> PACKAGED =
            List.of(new String[] {"/usr/lib/postgresql", "*"}, new String[] {"/usr", "pgsql-*"});

    /** @throws ThrowawayException when the directory has no usable {@code postgres} program */
    public static PostgresBinaries of(Path directory) {
        if (!holdsServer(directory)) {
            throw new ThrowawayException("no PostgreSQL server programs (postgres, initdb, pg_ctl) in " + directory
                    + ". Name the directory that holds them, usually /usr/lib/postgresql/<version>/bin.");
        }
        String version = Subprocess.of(List.of(directory.resolve("postgres").toString(), "--version")).output();
        Matcher matcher = VERSION.matcher(version);
        if (!matcher.find()) {
            throw new ThrowawayException(directory + "/postgres --version says '" + version.strip() + "', not a version");
        }
        return new PostgresBinaries(directory, Integer.parseInt(matcher.group(1)));
    }

    /**
     * The installed programs of one major version.
     *
     * @throws ThrowawayException when there are none; the message says which there are and how to install them
     */
    public static PostgresBinaries find(int majorVersion) {
        List<PostgresBinaries> all = all();
        return all.stream().filter(b -> b.majorVersion == majorVersion).findFirst().orElseThrow(() -> {
            String found = all.isEmpty() ? "none"
                    : all.stream().map(b -> Integer.toString(b.majorVersion)).collect(Collectors.joining(", "));
            return new ThrowawayException("no server programs of PostgreSQL " + majorVersion
                    + " on this machine (found: " + found + "). Install them, on Debian or Ubuntu with: apt-get install "
                    + "postgresql-" + majorVersion + " (from apt.postgresql.org when the distribution has it not).");
        });
    }

    /** @throws ThrowawayException when no PostgreSQL server is installed */
    public static PostgresBinaries newest() {
        return all().stream().findFirst().orElseThrow(() -> new ThrowawayException("no PostgreSQL server programs on this "
                + "machine. Install them, on Debian or Ubuntu with: apt-get install postgresql"));
    }

    /** All installed versions, newest first; one directory per major version. */
    public static List<PostgresBinaries> all() {
        List<PostgresBinaries> found = new ArrayList<>();
        for (Path directory : candidates()) {
            if (holdsServer(directory)) {
                PostgresBinaries binaries = of(directory);
                if (found.stream().noneMatch(b -> b.majorVersion == binaries.majorVersion)) {
                    found.add(binaries);
                }
            }
        }
        found.sort(Comparator.comparingInt(PostgresBinaries::majorVersion).reversed());
        return List.copyOf(found);
    }

    /** The full path of a program, for example {@code pg_dump}. */
    public String tool(String name) {
        return directory.resolve(name).toString();
    }

    private static List<Path> candidates() {
        List<Path> directories = new ArrayList<>();
        for (String[] rootAndGlob : PACKAGED) {
            try (DirectoryStream<Path> versions = Files.newDirectoryStream(Path.of(rootAndGlob[0]), rootAndGlob[1])) {
                versions.forEach(version -> directories.add(version.resolve("bin")));
            } catch (IOException e) {
                // Not this distribution's place.
            }
        }
        String path = Optional.ofNullable(System.getenv("PATH")).orElse("");
        for (String entry : path.split(File.pathSeparator)) {
            if (!entry.isBlank()) {
                directories.add(Path.of(entry));
            }
        }
        directories.add(Path.of("/usr/local/pgsql/bin"));
        return directories;
    }

    private static boolean holdsServer(Path directory) {
        return List.of("postgres", "initdb", "pg_ctl").stream().allMatch(p -> Files.isExecutable(directory.resolve(p)));
    }
}
