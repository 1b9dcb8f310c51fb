package io.dbbackup.cli.command;

import io.dbbackup.cli.client.ApiClient;
import io.dbbackup.cli.client.ApiException;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import picocli.CommandLine.Option;

/** Which server, and as whom. A flag goes before the environment. There is no flag for a password. */
final class ServerOptions {
    private static final String DEFAULT_URL = "http://127.0.0.1:8080";

    @Option(names = "--url", paramLabel = "URL", description = "Server (DBBACKUP_URL, default " + DEFAULT_URL + ").")
    private String url;

    @Option(names = "--user", paramLabel = "NAME", description = "User (DBBACKUP_USER, default admin).")
    private String user;

    @Option(
            names = "--password-file",
            paramLabel = "FILE",
            description = "File with the password (DBBACKUP_PASSWORD_FILE); without one it is asked for on a terminal.")
    private Path passwordFile;

    ApiClient client(Shared shared) {
        String address = first(url, shared, "DBBACKUP_URL").orElse(DEFAULT_URL);
        String name = first(user, shared, "DBBACKUP_USER").orElse("admin");
        return new ApiClient(uri(address), name, password(shared, name));
    }

    private static Optional<String> first(String flag, Shared shared, String variable) {
        return Optional.ofNullable(flag).or(() -> shared.environment().get(variable));
    }

    private static URI uri(String address) {
        try {
            // what the server itself says that its API is at
            URI uri = URI.create(address.strip().replaceFirst("/*(" + ApiClient.API + ")?/*$", ""));
            boolean web = "http".equals(uri.getScheme()) || "https".equals(uri.getScheme());
            boolean bare = uri.getUserInfo() == null && uri.getRawQuery() == null && uri.getRawFragment() == null;
            if (web && bare && uri.getHost() != null) {
                return uri;
            }
        } catch (IllegalArgumentException e) {
            // reported below without the text: somebody may have put a password into it
        }
        throw ApiException.usage(
                "the address of the server is not a URL such as " + DEFAULT_URL,
                "Correct --url or DBBACKUP_URL: http or https, host and port, and the path of a proxy if it has one; no user (--user), no query.");
    }

    private Optional<String> password(Shared shared, String name) {
        Optional<Path> file = Optional.ofNullable(passwordFile)
                .or(() -> shared.environment().get("DBBACKUP_PASSWORD_FILE").map(Path::of));
        if (file.isEmpty()) {
            return shared.terminal().askSecret("Password of " + name + ": ");
        }
        try {
            return Optional.of(Files.readString(file.get()).stripTrailing());
        } catch (IOException e) {
            throw new ApiException(
                    "SECRET_UNAVAILABLE",
                    "the password file " + file.get() + " cannot be read (" + e.getClass().getSimpleName() + ")",
                    "Correct --password-file or DBBACKUP_PASSWORD_FILE, or start the server once.",
                    78);
        }
    }
}
