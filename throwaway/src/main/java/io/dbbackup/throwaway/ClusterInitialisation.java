package io.dbbackup.throwaway;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;

/** Creates the data directory of a throwaway server: initdb, then the settings. */
record ClusterInitialisation(
        PostgresInstanceBuilder options, PostgresBinaries binaries, ServerUser serverUser, Path directory) {

    /** A unix socket's path must fit into 107 bytes; this leaves room for the file name. */
    private static final int LONGEST_SOCKET_DIRECTORY = 80;

    /** @return the directory of the unix socket */
    Path run(String password) {
        try {
            Path passwordFile = directory.resolve("superuser.password");
            Files.createFile(passwordFile, ownerOnly("rw-------"));
            try {
                boolean standby = options.primary().isPresent();
                Files.writeString(passwordFile, (standby ? "*:*:*:*:" : "") + password + "\n");
                serverUser.own(passwordFile);
                if (standby) {
                    copyOf(options.primary().get(), passwordFile);
                } else {
                    initdb(passwordFile);
                }
            } finally {
                Files.deleteIfExists(passwordFile);
            }
            Path socketDirectory = createSocketDirectory();
            writeSettings(socketDirectory);
            return socketDirectory;
        } catch (IOException e) {
            throw new ThrowawayException("cannot set up a throwaway server in " + directory, e);
        }
    }

    private void initdb(Path passwordFile) {
        List<String> command = new ArrayList<>(List.of(binaries.tool("initdb"), "--pgdata=" + directory.resolve("data"),
                "--pwfile=" + passwordFile));
        command.addAll(options.initdbArguments());
        Subprocess.of(serverUser.command(command)).output();
    }

    /** {@code --write-recovery-conf} keeps the password in a file of the data directory. */
    private void copyOf(PostgresInstance primary, Path passwordFile) {
        List<String> command = serverUser.command(List.of(
                binaries.tool("pg_basebackup"), "--pgdata=" + directory.resolve("data"), "--write-recovery-conf",
                "--checkpoint=fast", "--no-sync", "--wal-method=stream", "--host=" + primary.host(),
                "--port=" + primary.port(), "--username=" + primary.user(), "--no-password"));
        new Subprocess(command, Map.of("PGPASSFILE", passwordFile.toString())).output();
    }

    private Path createSocketDirectory() throws IOException {
        Path socketDirectory = directory.resolve("socket");
        if (socketDirectory.toString().getBytes().length <= LONGEST_SOCKET_DIRECTORY) {
            Files.createDirectory(socketDirectory, ownerOnly("rwx------"));
        } else {
            socketDirectory = Files.createTempDirectory(Path.of("/tmp"), "dbbackup-socket-", ownerOnly("rwx------"));
        }
        serverUser.own(socketDirectory);
        return socketDirectory;
    }

    private void writeSettings(Path socketDirectory) throws IOException {
        StringBuilder lines = new StringBuilder("\n# Throwaway server\n");
        for (Map.Entry<String, String> setting : options.configuration(socketDirectory).entrySet()) {
            String value = setting.getValue().replace("\\", "\\\\").replace("'", "''");
            lines.append(setting.getKey()).append(" = '").append(value).append("'\n");
        }
        Files.writeString(directory.resolve("data/postgresql.conf"), lines, StandardOpenOption.APPEND);
    }

    private static FileAttribute<Set<PosixFilePermission>> ownerOnly(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }
}
