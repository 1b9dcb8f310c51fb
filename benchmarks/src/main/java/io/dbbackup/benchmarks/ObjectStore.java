package io.dbbackup.benchmarks;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** S3Proxy with its objects in a directory, in a process of its own, ended with {@link #close()}. Its CPU time counts for nobody. */
final class ObjectStore implements AutoCloseable {
    static final String BUCKET = "backups";
    static final String USER = "benchmark";
    static final String SECRET = "benchmark-secret";

    private final Path directory;
    private final int port;
    private final Process process;

    /** @param root of the project, whose module tests/peers has fetched S3Proxy */
    ObjectStore(Path root, Path directory) {
        this.directory = directory;
        port = Product.freePort();
        try {
            Path objects = directory.resolve("objects");
            Files.createDirectories(objects.resolve(BUCKET));
            Path configuration = Files.writeString(directory.resolve("s3proxy.conf"), String.join("\n",
                    "s3proxy.endpoint=http://127.0.0.1:" + port, "s3proxy.authorization=aws-v2-or-v4",
                    "s3proxy.identity=" + USER, "s3proxy.credential=" + SECRET, "jclouds.provider=filesystem-nio2",
                    "jclouds.filesystem.basedir=" + objects, ""));
            Path logging = Files.writeString(
                    directory.resolve("logback.xml"), "<configuration><root level=\"WARN\"/></configuration>");
            process = new ProcessBuilder(List.of(
                    Path.of(System.getProperty("java.home"), "bin", "java").toString(), "-Xmx512m",
                    "-Dlogback.configurationFile=" + logging, "-cp", root.resolve("tests/peers/target/s3proxy") + "/*",
                    "org.gaul.s3proxy.Main", "--properties", configuration.toString()))
                    .redirectOutput(directory.resolve("s3proxy.log").toFile()).redirectErrorStream(true).start();
            while (!listens()) {
                if (!process.isAlive()) {
                    throw new IllegalStateException("S3Proxy ended: " + Files.readString(directory.resolve("s3proxy.log")));
                }
                Thread.onSpinWait();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private boolean listens() {
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    String address() {
        return "http://127.0.0.1:" + port;
    }

    /** Forgets all objects. */
    void empty() {
        Path bucket = directory.resolve("objects").resolve(BUCKET);
        Shell.Trees.delete(bucket);
        try {
            Files.createDirectories(bucket);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
