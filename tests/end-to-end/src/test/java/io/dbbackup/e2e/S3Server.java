package io.dbbackup.e2e;

import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** S3Proxy in a process of its own, which checks signatures, with one empty bucket {@code backups}. */
final class S3Server implements AutoCloseable {

    private static final String KEY = "AKIAENDTOEND";
    private static final String SECRET = "end/to+end";

    private final Path directory;
    private final int port;
    private final Process process;

    S3Server() {
        Path peers = Path.of(System.getProperty("dbbackup.root"), "tests", "peers", "target", "s3proxy").toAbsolutePath();
        if (!Files.isDirectory(peers)) {
            throw new IllegalStateException(peers + " is missing: the module tests/peers fetches it");
        }
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
            directory = Files.createTempDirectory("s3server");
            Files.createDirectories(directory.resolve("blobs/backups"));
            Files.writeString(directory.resolve("secret"), SECRET + "\n");
            Path logging = Files.writeString(
                    directory.resolve("logback.xml"), "<configuration><root level=\"WARN\"/></configuration>");
            Path configuration = Files.write(directory.resolve("s3proxy.conf"), List.of(
                    "s3proxy.endpoint=http://127.0.0.1:" + port,
                    "s3proxy.authorization=aws-v2-or-v4",
                    "s3proxy.identity=" + KEY,
                    "s3proxy.credential=" + SECRET,
                    "jclouds.provider=filesystem-nio2",
                    "jclouds.filesystem.basedir=" + directory.resolve("blobs")));
            free.close();
            process = new ProcessBuilder(
                            Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                            "-Xmx256m", "-XX:TieredStopAtLevel=1", "-Dlogback.configurationFile=" + logging,
                            "-cp", peers + File.separator + "*",
                            "org.gaul.s3proxy.Main", "--properties", configuration.toString())
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("log").toFile())
                    .start();
            Awaiting.until("S3Proxy answers", this::answers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The store {@code bucket}, to be configured. */
    String configuration() {
        return """
                stores:
                  - name: bucket
                    type: s3
                    endpoint: http://127.0.0.1:%d
                    bucket: backups
                    prefix: production
                    access_key_id: %s
                    secret_access_key_file: %s
                    part_bytes: 5M
                """.formatted(port, KEY, directory.resolve("secret"));
    }

    Path objects() {
        return directory.resolve("blobs/backups/production");
    }

    String secret() {
        return SECRET;
    }

    private boolean answers() {
        if (!process.isAlive()) {
            throw new IllegalStateException("S3Proxy ended, see " + directory.resolve("log"));
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    @Override
    public void close() {
        process.destroyForcibly().onExit().join();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
