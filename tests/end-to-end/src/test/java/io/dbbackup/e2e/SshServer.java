package io.dbbackup.e2e;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** OpenSSH's server as an unprivileged process that lets its own user in by a key. */
final class SshServer implements AutoCloseable {

    private final Path directory;
    private final String user;
    private final int port;
    private final Process process;

    SshServer() {
        boolean root = "root".equals(System.getProperty("user.name"));
        // a server that is not root lets only its own user in; this one is there wherever PostgreSQL is
        user = root ? "postgres" : System.getProperty("user.name");
        try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = free.getLocalPort();
            directory = Files.createTempDirectory("sshserver");
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
            for (String key : List.of("host", "client")) {
                run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", directory.resolve(key).toString());
            }
            Files.copy(directory.resolve("client.pub"), directory.resolve("authorized_keys"));
            Files.createDirectory(directory.resolve("data"));
            List<String> command = new ArrayList<>();
            if (root) {
                for (String name : List.of("host", "authorized_keys", "data")) {
                    run("chown", user + ":", directory.resolve(name).toString());
                }
                command.addAll(List.of(
                        "setpriv", "--reuid=" + user, "--regid=" + run("id", "-g", user).strip(), "--clear-groups"));
            }
            Path configuration = Files.write(directory.resolve("sshd_config"), List.of(
                    "Port " + port, "ListenAddress 127.0.0.1", "HostKey " + directory.resolve("host"), "PidFile none",
                    "UsePAM no", "PasswordAuthentication no", "KbdInteractiveAuthentication no", "StrictModes no",
                    "AuthorizedKeysFile " + directory.resolve("authorized_keys"), "LogLevel ERROR",
                    "Subsystem sftp internal-sftp"));
            command.addAll(List.of("/usr/sbin/sshd", "-D", "-e", "-f", configuration.toString()));
            free.close();
            process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(directory.resolve("log").toFile())
                    .start();
            Awaiting.until("sshd answers", this::answers);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** The store {@code vault}, to be configured. */
    String configuration() {
        return """
                stores:
                  - name: vault
                    type: sftp
                    host: 127.0.0.1
                    port: %d
                    user: %s
                    path: %s
                    host_key: %s
                    private_key_file: %s
                """.formatted(
                port, user, sets(), run("ssh-keygen", "-lf", directory.resolve("host.pub").toString()).split(" ")[1],
                directory.resolve("client"));
    }

    /** Directory of the store. */
    Path sets() {
        return directory.resolve("data");
    }

    private boolean answers() {
        if (!process.isAlive()) {
            throw new IllegalStateException("sshd ended, see " + directory.resolve("log"));
        }
        try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
            return socket.isConnected();
        } catch (IOException e) {
            return false;
        }
    }

    private static String run(String... command) {
        try {
            Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (process.waitFor() != 0) {
                throw new IllegalStateException(String.join(" ", command) + ": " + said);
            }
            return said;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
        process.onExit().join();
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
