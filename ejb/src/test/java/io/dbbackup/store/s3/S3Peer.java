package io.dbbackup.store.s3;

import io.dbbackup.store.PeerProcess;
import java.io.File;
import java.io.IOException;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import software.amazon.awssdk.services.s3.S3Client;

/**
 * A real S3 server in a process of its own, one of each kind per JVM, ended with it. S3Proxy checks signatures and
 * forgets checksums; S3Mock accepts every key, but keeps checksums, versions and locks.
 */
public final class S3Peer {
    public static final String BUCKET = "backups";
    public static final String ACCESS_KEY = "AKIATESTTESTTEST";
    public static final String SECRET_KEY = "wJalrXUtnFEMI/K7MDENG+test/secret";

    private static S3Peer proxy;
    private static S3Peer mock;

    private final int port;

    private S3Peer(int port) {
        this.port = port;
    }

    public static synchronized S3Peer s3proxy() {
        if (proxy == null) {
            proxy = start("S3Proxy", S3Peer::proxyCommand);
        }
        return proxy;
    }

    static synchronized S3Peer s3mock() {
        if (mock == null) {
            mock = start("S3Mock", S3Peer::mockCommand);
        }
        return mock;
    }

    int port() {
        return port;
    }

    /** Settings of a store below a prefix of its own, which is empty. */
    public Map<String, String> settings() {
        return settings(port);
    }

    /** The same through another port, behind which this peer is. */
    Map<String, String> settings(int through) {
        return settings(through, "test/" + UUID.randomUUID());
    }

    static Map<String, String> settings(int through, String prefix) {
        Map<String, String> settings = new HashMap<>();
        settings.put("endpoint", "http://127.0.0.1:" + through);
        settings.put("bucket", BUCKET);
        settings.put("prefix", prefix);
        settings.put("accessKeyId", ACCESS_KEY);
        settings.put("secretAccessKeySecret", "env:S3_SECRET");
        settings.put("partBytes", "5M");
        return settings;
    }

    S3Client client() {
        return client(settings());
    }

    static S3Client client(Map<String, String> settings) {
        return S3Clients.open(S3Settings.of(settings), reference -> SECRET_KEY);
    }

    static S3Store store(Map<String, String> settings) {
        return (S3Store) new S3StoreProvider().open(settings, reference -> Optional.of(SECRET_KEY));
    }

    private interface Command {
        List<String> of(int port, Path directory) throws IOException;
    }

    private static List<String> proxyCommand(int port, Path directory) throws IOException {
        Path configuration = Files.writeString(directory.resolve("s3proxy.conf"), String.join("\n",
                "s3proxy.endpoint=http://127.0.0.1:" + port,
                "s3proxy.authorization=aws-v2-or-v4",
                "s3proxy.identity=" + ACCESS_KEY,
                "s3proxy.credential=" + SECRET_KEY,
                "jclouds.provider=transient-nio2",
                ""));
        // at its own level of logging it is seven times slower
        Path logging = Files.writeString(
                directory.resolve("logback.xml"), "<configuration><root level=\"WARN\"/></configuration>");
        return List.of("-Xmx512m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC",
                "-Dlogback.configurationFile=" + logging, "-cp", peers("s3proxy") + File.separator + "*",
                "org.gaul.s3proxy.Main", "--properties", configuration.toString());
    }

    private static List<String> mockCommand(int port, Path directory) {
        return List.of("-Xmx256m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC", "-jar",
                peers("s3mock.jar").toString(),
                "--http.port=" + port, "--server.port=0", "--com.adobe.testing.s3mock.store.root=" + directory,
                "--logging.level.root=WARN");
    }

    private static Path peers(String file) {
        Path path = Path.of("..", "tests", "peers", "target", file).toAbsolutePath().normalize();
        if (!Files.exists(path)) {
            throw new IllegalStateException(path + " is missing: the module tests/peers fetches it (mvn -pl ejb -am test)");
        }
        return path;
    }

    private static S3Peer start(String name, Command command) {
        try {
            int port = PeerProcess.freePort();
            PeerProcess.start(
                    name,
                    directory -> {
                        List<String> arguments = new ArrayList<>();
                        arguments.add(Path.of(System.getProperty("java.home"), "bin", "java").toString());
                        arguments.addAll(command.of(port, directory));
                        return arguments;
                    },
                    Map.of(),
                    log -> {
                        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                            return socket.isConnected();
                        }
                    });
            S3Peer peer = new S3Peer(port);
            try (S3Client client = peer.client()) {
                client.createBucket(request -> request.bucket(BUCKET));
            }
            return peer;
        } catch (IOException e) {
            throw new IllegalStateException("cannot start " + name, e);
        }
    }
}
