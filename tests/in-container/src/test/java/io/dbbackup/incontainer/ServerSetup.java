package io.dbbackup.incontainer;

import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.UUID;
import org.junit.platform.launcher.LauncherSession;
import org.junit.platform.launcher.LauncherSessionListener;

/**
 * Lays out a run directory for the server before Arquillian starts it: the configuration of the build, users, free ports
 * and the profile's values. With the profile {@code production} it also starts the PostgreSQL that holds the catalog.
 */
public final class ServerSetup implements LauncherSessionListener {
    private static final List<String> ROLES = List.of("viewer", "operator", "admin");
    private PostgresInstance catalog;

    @Override
    public void launcherSessionOpened(LauncherSession session) {
        String profile = System.getProperty("dbbackup.test.profile");
        if (profile == null) {
            return; // Surefire in an IDE or an earlier phase: there is no server yet
        }
        try {
            Path base = Path.of(System.getProperty("dbbackup.test.work"), "server-" + profile + "-" + UUID.randomUUID());
            Path configuration = copyConfiguration(base);
            writeUsers(configuration);
            // whoever wants mail listens on this port
            int mail = freePort();
            System.setProperty("dbbackup.test.mail.port", Integer.toString(mail));
            Path values = Files.writeString(
                    base.resolve("values.properties"),
                    values(profile) + "dbbackup.mail.host=127.0.0.1\ndbbackup.mail.port=" + mail + "\n");
            int http = freePort();
            int management = freePort();
            System.setProperty("dbbackup.test.base", base.toString());
            System.setProperty("dbbackup.test.http.port", Integer.toString(http));
            System.setProperty("dbbackup.test.management.port", Integer.toString(management));
            System.setProperty("dbbackup.test.arguments", String.join(" ",
                    "-Djboss.server.base.dir=" + base,
                    "-Djboss.http.port=" + http,
                    "-Djboss.management.http.port=" + management,
                    "-Ddbbackup.log.console=OFF",
                    "-P", values.toString()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void launcherSessionClosed(LauncherSession session) {
        if (catalog != null) {
            catalog.close();
        }
    }

    private static Path copyConfiguration(Path base) throws IOException {
        Path built = Path.of(System.getProperty("dbbackup.test.server"), "standalone", "configuration");
        Path own = Files.createDirectories(base.resolve("configuration"));
        for (String name : List.of("standalone.xml", "logging.properties",
                "dbbackup-users.properties", "dbbackup-roles.properties")) {
            Files.copy(built.resolve(name), own.resolve(name), StandardCopyOption.REPLACE_EXISTING);
        }
        Files.createDirectories(base.resolve("deployments"));
        Files.createDirectories(base.resolve("data"));
        return own;
    }

    /** One user per role, named like it, with a random password. */
    private static void writeUsers(Path configuration) throws IOException {
        StringBuilder users = new StringBuilder(Files.readString(configuration.resolve("dbbackup-users.properties")));
        StringBuilder roles = new StringBuilder(Files.readString(configuration.resolve("dbbackup-roles.properties")));
        for (String role : ROLES) {
            String password = UUID.randomUUID().toString();
            System.setProperty("dbbackup.test.password." + role, password);
            users.append(role).append('=').append(digest(role + ":dbbackup:" + password)).append('\n');
            roles.append(role).append('=').append(role).append('\n');
        }
        Files.writeString(configuration.resolve("dbbackup-users.properties"), users);
        Files.writeString(configuration.resolve("dbbackup-roles.properties"), roles);
    }

    private static String digest(String text) {
        try {
            byte[] hash = MessageDigest.getInstance("MD5").digest(text.getBytes(StandardCharsets.UTF_8));
            return HexFormat.of().formatHex(hash);
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private String values(String profile) {
        return switch (profile) {
            case "embedded" -> "";
            case "production" -> {
                catalog = PostgresInstance.builder().start();
                System.setProperty("dbbackup.test.catalog.url", catalog.jdbcUrl("postgres"));
                System.setProperty("dbbackup.test.catalog.user", catalog.user());
                System.setProperty("dbbackup.test.catalog.password", catalog.password());
                yield """
                        dbbackup.catalog.driver=postgresql
                        dbbackup.catalog.url=%s
                        dbbackup.catalog.user=%s
                        dbbackup.catalog.password=%s
                        """.formatted(catalog.jdbcUrl("postgres"), catalog.user(), catalog.password());
            }
            default -> throw new IllegalArgumentException("no such profile: " + profile);
        };
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }
}
