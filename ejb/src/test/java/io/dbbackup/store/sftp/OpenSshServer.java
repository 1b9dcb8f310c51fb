package io.dbbackup.store.sftp;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * OpenSSH's server on a free port, as an unprivileged process with a configuration, host keys and users of its own; one of
 * each kind per JVM, ended with it. A server that is not root can only let its own user in, and only with keys. (The user
 * nobody counts as locked; postgres is there wherever the tests run.)
 */
final class OpenSshServer {
    private static final Path SSHD = Path.of("/usr/sbin/sshd");
    /** A hundred times quicker than the one that OpenSSH prefers, which {@link #preferringNtruPrime} is for. */
    private static final String QUICK_EXCHANGE = "curve25519-sha256";
    private static final Map<String, OpenSshServer> RUNNING = new HashMap<>();
    private static int stores;

    private final Path directory;
    private final int port;
    private final String user;
    private final boolean root = "root".equals(System.getProperty("user.name"));

    /** With everything that OpenSSH can do. */
    static OpenSshServer complete() {
        return running(QUICK_EXCHANGE, "");
    }

    /** With the exchange of keys that OpenSSH prefers from 9.0 to 9.8, and that no quantum computer breaks, alone. */
    static OpenSshServer preferringNtruPrime() {
        return running("sntrup761x25519-sha512@openssh.com", "");
    }

    /** As a server that knows version 3 of the protocol and no extension that matters. */
    static OpenSshServer plain() {
        return running(QUICK_EXCHANGE, "-P hardlink,statvfs,fsync,posix-rename");
    }

    private static synchronized OpenSshServer running(String exchange, String options) {
        return RUNNING.computeIfAbsent(exchange + options, key -> {
            try {
                return new OpenSshServer(exchange, options);
            } catch (IOException | InterruptedException e) {
                throw new IllegalStateException("cannot start " + SSHD, e);
            }
        });
    }

    private OpenSshServer(String exchange, String options) throws IOException, InterruptedException {
        if (!Files.isExecutable(SSHD)) {
            throw new IllegalStateException(SSHD + " is missing: install the package openssh-server (./run-tests does it)");
        }
        directory = Files.createTempDirectory("dbbackup-sshd");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        user = root ? "postgres" : System.getProperty("user.name");
        for (String type : List.of("ed25519", "ecdsa", "rsa")) {
            keygen("host-" + type, type, "");
            own(directory.resolve("host-" + type));
        }
        for (String type : List.of("ed25519", "ecdsa", "rsa")) {
            keygen("client-" + type, type, "");
        }
        keygen("client-locked", "ed25519", "open sesame");
        keygen("stranger", "ed25519", "");
        StringBuilder authorized = new StringBuilder();
        for (String key : List.of("client-ed25519", "client-ecdsa", "client-rsa", "client-locked")) {
            authorized.append(Files.readString(directory.resolve(key + ".pub")));
        }
        own(Files.writeString(directory.resolve("authorized_keys"), authorized));
        own(Files.createDirectory(directory.resolve("data")));
        port = freePort();
        Path log = directory.resolve("log.txt");
        String configuration = configuration(exchange, options).toString();
        Process process = new ProcessBuilder(asUser(List.of(SSHD.toString(), "-D", "-e", "-f", configuration)))
                .directory(directory.toFile())
                .redirectErrorStream(true)
                .redirectOutput(log.toFile())
                .start();
        Runtime.getRuntime().addShutdownHook(new Thread(() -> end(process)));
        await(process, log);
    }

    private Path configuration(String exchange, String options) throws IOException {
        return Files.writeString(directory.resolve("sshd_config"), String.join("\n",
                "Port " + port,
                "ListenAddress 127.0.0.1",
                "HostKey " + directory.resolve("host-ed25519"),
                "HostKey " + directory.resolve("host-ecdsa"),
                "HostKey " + directory.resolve("host-rsa"),
                "PidFile none",
                "UsePAM no",
                "PasswordAuthentication no",
                "KbdInteractiveAuthentication no",
                "StrictModes no",
                "AuthorizedKeysFile " + directory.resolve("authorized_keys"),
                "LogLevel ERROR",
                "KexAlgorithms " + exchange,
                "Subsystem sftp internal-sftp " + options,
                ""));
    }

    int port() {
        return port;
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    String user() {
        return user;
    }

    String fingerprint(String key) throws IOException, InterruptedException {
        return run("ssh-keygen", "-lf", directory.resolve(key + ".pub").toString()).split(" ")[1];
    }

    /** Settings of a store in a directory of its own, which is empty. */
    Map<String, String> settings() {
        try {
            Path data = directory.resolve("data");
            synchronized (OpenSshServer.class) {
                data = data.resolve("store" + ++stores);
            }
            own(Files.createDirectory(data, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------"))));
            Map<String, String> settings = new HashMap<>();
            settings.put("host", "127.0.0.1");
            settings.put("port", Integer.toString(port));
            settings.put("user", user);
            settings.put("path", data.toString());
            settings.put("hostKey", fingerprint("host-ed25519"));
            settings.put("privateKeySecret", "file:" + directory.resolve("client-ed25519"));
            return settings;
        } catch (IOException | InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Opens a store as the product does, with secrets from files. */
    static SftpStore store(Map<String, String> settings) {
        return (SftpStore) new SftpStoreProvider().open(settings, reference -> {
            try {
                return switch (reference.kind()) {
                    case FILE -> Optional.of(Files.readString(Path.of(reference.value())).strip());
                    default -> Optional.of(reference.value());
                };
            } catch (IOException e) {
                return Optional.empty();
            }
        });
    }

    void own(Path path) throws IOException, InterruptedException {
        if (root) {
            run("chown", user + ":", path.toString());
        }
    }

    private List<String> asUser(List<String> command) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>();
        if (root) {
            all.addAll(List.of("setpriv", "--reuid=" + user, "--regid=" + run("id", "-g", user).strip(), "--clear-groups"));
        }
        all.addAll(command);
        return all;
    }

    private void keygen(String name, String type, String passphrase) throws IOException, InterruptedException {
        run("ssh-keygen", "-q", "-t", type, "-N", passphrase, "-C", name, "-f", directory.resolve(name).toString());
    }

    static String run(String... command) throws IOException, InterruptedException {
        Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
        process.getOutputStream().close();
        String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        if (process.waitFor() != 0) {
            throw new IllegalStateException(String.join(" ", command) + ": " + said);
        }
        return said;
    }

    private void await(Process process, Path log) throws IOException, InterruptedException {
        while (process.isAlive()) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getPort();
                return;
            } catch (IOException e) {
                Thread.sleep(20);
            }
        }
        throw new IllegalStateException(SSHD + " ended: " + Files.readString(log));
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private void end(Process process) {
        process.destroy();
        try {
            if (!process.waitFor(5, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            // the directory for temporary files is where it is
        }
    }
}
