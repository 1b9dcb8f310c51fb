package io.dbbackup.e2e;

import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;

/**
 * What most end-to-end tests need: a source server, an empty target server, a store, and the product's server that is
 * configured with them as {@code source}, {@code target}, {@code disk} and the policy {@code all} (everything but the
 * database {@code postgres}, in parts of 1 MB), and that runs scripts (see {@link #hook}).
 */
final class Landscape implements AutoCloseable {

    private static final String CONFIGURATION = """
            sources:
              - name: source
                engine: postgresql
                host: 127.0.0.1
                port: %d
                user: postgres
                password_file: %s
              - name: target
                engine: postgresql
                host: 127.0.0.1
                port: %d
                user: postgres
                password_file: %s
            stores:
            %s
            policies:
              - name: all
                source: source
                store: disk
                exclude: [postgres]
                part_size: 1M
                workers: 2
                retention:
                  last: 3
            """;

    private static final String STORE = "  - name: %s\n    type: file\n    path: %s\n";

    private final Map<String, Path> stores = new LinkedHashMap<>();
    private final List<AutoCloseable> opened = new ArrayList<>();
    private final Path directory;
    final PostgresInstance source;
    final PostgresInstance target;
    final RunningServer server;

    private Landscape(Consumer<PostgresInstance> fill, Map<String, String> environment) throws IOException {
        directory = Files.createTempDirectory("landscape");
        try {
            source = open(PostgresInstance.builder().start());
            fill.accept(source);
            target = open(PostgresInstance.builder().start());
            Map<String, String> all = new LinkedHashMap<>(environment);
            all.put("DBBACKUP_HOOK_DIRECTORY", Files.createDirectory(hooks()).toString());
            server = open(RunningServer.start(all));
            addStore("disk", Files.createDirectory(store()));
        } catch (IOException | RuntimeException | Error e) {
            close();
            throw e;
        }
    }

    static Landscape with(Consumer<PostgresInstance> fill) {
        return with(fill, Map.of());
    }

    /** @param environment as in {@link RunningServer#start(Map)} */
    static Landscape with(Consumer<PostgresInstance> fill, Map<String, String> environment) {
        try {
            return new Landscape(fill, environment);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Configures one more store. */
    void addStore(String name, Path path) {
        stores.put(name, path);
        StringBuilder yaml = new StringBuilder();
        stores.forEach((one, where) -> yaml.append(STORE.formatted(one, where)));
        try {
            server.rest().configure(CONFIGURATION.formatted(
                    source.port(), secret("source", source.password()),
                    target.port(), secret("target", target.password()), yaml.toString().stripTrailing()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Directory of the store {@code disk}. */
    Path store() {
        return directory.resolve("store");
    }

    private Path hooks() {
        return directory.resolve("hooks");
    }

    /**
     * Makes a script that runs may name as theirs.
     *
     * @return the file into which it writes a line each time: phase, source and what became of the run
     */
    Path hook(String name) {
        Path told = directory.resolve(name + ".told");
        try {
            Path script = Files.writeString(hooks().resolve(name), """
                    #!/bin/sh
                    echo $DBBACKUP_PHASE $DBBACKUP_OPERATION $DBBACKUP_SOURCE $DBBACKUP_OUTCOME >> %s
                    """.formatted(told));
            Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwx------"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return told;
    }

    /** Where a file may lie that goes with everything else. */
    Path file(String name) {
        return directory.resolve(name);
    }

    /** Parameters that restore the newest set of the source, whole, into the target. */
    Map<String, String> restoreAll() {
        return Map.of("set", "latest:source", "target", "target", "globals", "all", "workers", "2");
    }

    /** Parameters that restore one database of the newest set of the source into the target, under another name. */
    Map<String, String> restoreOne(String database, String as) {
        return restoreOne("latest:source", database, as);
    }

    /** The same from a set by its name. */
    static Map<String, String> restoreOne(String set, String database, String as) {
        return Map.of("set", set, "target", "target", "databases", database + "=" + as, "globals", "none",
                "workers", "2");
    }

    /** Every manifest of a published set. */
    List<Path> manifests() {
        return manifests(store());
    }

    /** Every manifest of a published set of one source. */
    List<Path> manifests(String source) {
        return manifests(store().resolve(source));
    }

    /** Every manifest of a set that a store in that directory has published. */
    static List<Path> manifests(Path store) {
        return files(store).stream().filter(file -> file.endsWith("manifest.json")).toList();
    }

    /** Every file of the store. */
    List<Path> files() {
        return files(store());
    }

    /** Every file in that directory. */
    static List<Path> files(Path directory) {
        List<Path> files = new ArrayList<>();
        try {
            Files.walkFileTree(directory, new SimpleFileVisitor<>() {
                @Override
                public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) {
                    files.add(file);
                    return FileVisitResult.CONTINUE;
                }

                @Override
                public FileVisitResult visitFileFailed(Path file, IOException e) {
                    return FileVisitResult.CONTINUE; // a temporary file that has just been renamed or removed
                }
            });
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return files;
    }

    private Path secret(String name, String value) throws IOException {
        return Files.writeString(directory.resolve(name + ".password"), value + "\n");
    }

    private <T extends AutoCloseable> T open(T resource) {
        opened.add(0, resource);
        return resource;
    }

    @Override
    public void close() {
        List<Exception> failures = new ArrayList<>();
        for (AutoCloseable resource : opened) {
            try {
                resource.close();
            } catch (Exception e) {
                failures.add(e);
            }
        }
        delete();
        if (!failures.isEmpty()) {
            throw new IllegalStateException("cannot clean up", failures.get(0));
        }
    }

    private void delete() {
        try (Stream<Path> all = Files.walk(directory)) {
            for (Path path : all.sorted((a, b) -> b.compareTo(a)).toList()) {
                Files.deleteIfExists(path);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
