package io.dbbackup.store.sftp;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/**
 * OpenSSH's server for a user with a password. It checks passwords as root and by the system's files, so it gets a mount
 * namespace of its own, in which these have one user more: the machine's own are not touched.
 */
final class PasswordServer implements AutoCloseable {
    static final String USER = "dbbackup-login";
    static final String PASSWORD = "correct horse, battery";
    private static final int ID = 61_234;

    private final Path directory;
    private final int port;
    private final Process process;

    /** @param methods what a login needs, as {@code AuthenticationMethods} */
    PasswordServer(String methods) throws IOException, InterruptedException {
        assumeTrue("root".equals(System.getProperty("user.name")), "only root can start a server that checks passwords");
        assumeTrue(mayUnshare(), "this container may not make mount namespaces (CAP_SYS_ADMIN)");
        directory = Files.createTempDirectory("dbbackup-sshd-password");
        Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwxr-xr-x"));
        for (String key : List.of("host", "client")) {
            OpenSshServer.run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", directory.resolve(key).toString());
        }
        Files.copy(directory.resolve("client.pub"), directory.resolve("authorized_keys"));
        Path data = Files.createDirectory(directory.resolve("data"));
        OpenSshServer.run("chown", ID + ":" + ID, data.toString(), directory.resolve("authorized_keys").toString());
        Path passwd = Files.writeString(directory.resolve("passwd"), Files.readString(Path.of("/etc/passwd"))
                + "%s:x:%d:%d::%s:/bin/sh\n".formatted(USER, ID, ID, directory));
        String hash = OpenSshServer.run("openssl", "passwd", "-6", PASSWORD).strip();
        Path shadow = Files.createFile(
                directory.resolve("shadow"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(shadow, USER + ":" + hash + ":20000:0:99999:7:::\nsshd:!:20000::::::\n");
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            port = socket.getLocalPort();
        }
        Path configuration = Files.writeString(directory.resolve("sshd_config"), String.join("\n",
                "Port " + port,
                "ListenAddress 127.0.0.1",
                "HostKey " + directory.resolve("host"),
                "PidFile none",
                "UsePAM no",
                "PasswordAuthentication yes",
                "KbdInteractiveAuthentication no",
                "AuthenticationMethods " + methods,
                "AuthorizedKeysFile " + directory.resolve("authorized_keys"),
                "StrictModes no",
                "LogLevel ERROR",
                "Subsystem sftp internal-sftp",
                ""));
        process = new ProcessBuilder(
                        "unshare", "--mount", "sh", "-c",
                        "mount --bind \"$1\" /etc/passwd && mount --bind \"$2\" /etc/shadow && mount -t tmpfs tmpfs /run"
                                + " && mkdir -m 755 /run/sshd && exec /usr/sbin/sshd -D -e -f \"$3\"",
                        "sh", passwd.toString(), shadow.toString(), configuration.toString())
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("log").toFile())
                .start();
        await();
    }

    private static boolean mayUnshare() throws IOException, InterruptedException {
        return new ProcessBuilder("unshare", "--mount", "mount", "-t", "tmpfs", "tmpfs", "/run").start().waitFor() == 0;
    }

    private void await() throws IOException, InterruptedException {
        while (process.isAlive()) {
            try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
                socket.getPort();
                return;
            } catch (IOException e) {
                Thread.sleep(20);
            }
        }
        throw new IllegalStateException("sshd ended: " + Files.readString(directory.resolve("log")));
    }

    int port() {
        return port;
    }

    Path file(String name) {
        return directory.resolve(name);
    }

    String fingerprint() throws IOException, InterruptedException {
        return OpenSshServer.run("ssh-keygen", "-lf", directory.resolve("host.pub").toString()).split(" ")[1];
    }

    @Override
    public void close() throws IOException, InterruptedException {
        process.descendants().forEach(ProcessHandle::destroy);
        process.destroy();
        if (!process.waitFor(5, TimeUnit.SECONDS)) {
            process.destroyForcibly().waitFor();
        }
        try (Stream<Path> files = Files.walk(directory)) {
            files.sorted(Comparator.reverseOrder()).forEach(file -> file.toFile().delete());
        }
    }
}
