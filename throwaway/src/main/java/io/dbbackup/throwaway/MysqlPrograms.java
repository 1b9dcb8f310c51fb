package io.dbbackup.throwaway;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The server programs of MariaDB or MySQL on this machine.
 *
 * @param mariadb whether they are MariaDB's
 * @param server {@code mariadbd} or {@code mysqld}
 * @param install {@code mariadb-install-db}; MySQL's server does that itself
 * @param series 100 times the first number of the version plus the second, for example 1011
 */
public record MysqlPrograms(boolean mariadb, Path server, Optional<Path> install, int series) {
    private static final List<Path> PLACES = List.of(
            Path.of("/usr/sbin"), Path.of("/usr/bin"), Path.of("/usr/libexec"), Path.of("/usr/local/bin"),
            Path.of("/usr/local/sbin"), Path.of("/usr/local/mysql/bin"));
    private static final Pattern VERSION = Pattern.compile("Ver (\\d+)\\.(\\d+)\\.\\d+(-MariaDB)?");

    /** All that are in the usual places. */
    public static List<MysqlPrograms> all() {
        List<MysqlPrograms> found = new ArrayList<>();
        for (String name : List.of("mariadbd", "mysqld")) {
            program(name).flatMap(MysqlPrograms::of).ifPresent(found::add);
        }
        return found;
    }

    /** @throws ThrowawayException when there is none, with the remedy */
    static MysqlPrograms ofMariadb() {
        return all().stream().filter(MysqlPrograms::mariadb).findFirst().orElseThrow(() -> new ThrowawayException(
                "no programs mariadbd and mariadb-install-db in " + PLACES
                        + ". Install MariaDB, on Debian or Ubuntu with: apt-get install mariadb-server"));
    }

    /**
     * MySQL in a directory of its own, as in the archives of its vendor.
     *
     * @throws ThrowawayException when it is not there
     */
    public static MysqlPrograms ofMysql(Path home) {
        return of(home.resolve("bin/mysqld")).filter(programs -> !programs.mariadb).orElseThrow(
                () -> new ThrowawayException("no MySQL server in " + home + "/bin"));
    }

    /** What the program says it is; the name {@code mysqld} may be MariaDB's. */
    private static Optional<MysqlPrograms> of(Path server) {
        Matcher version = VERSION.matcher(
                Subprocess.of(List.of(server.toString(), "--no-defaults", "--version")).output());
        if (!version.find()) {
            return Optional.empty();
        }
        boolean mariadb = version.group(3) != null;
        Optional<Path> install = mariadb ? program("mariadb-install-db") : Optional.empty();
        if (mariadb && install.isEmpty() || mariadb && server.endsWith("mysqld")) {
            return Optional.empty();
        }
        return Optional.of(new MysqlPrograms(
                mariadb, server, install, 100 * Integer.parseInt(version.group(1)) + Integer.parseInt(version.group(2))));
    }

    /** The stock client, which talks to both. */
    static Path client() {
        return program("mariadb").or(() -> program("mysql")).orElseThrow(() -> new ThrowawayException(
                "no program mariadb in " + PLACES + ". Install it, on Debian or Ubuntu with: apt-get install mariadb-client"));
    }

    private static Optional<Path> program(String name) {
        return PLACES.stream().map(place -> place.resolve(name)).filter(Files::isExecutable).findFirst();
    }

    /** Creates the system tables. */
    List<String> initialise(Path data, List<String> settings) {
        List<String> command = new ArrayList<>();
        if (mariadb) {
            command.addAll(List.of(
                    install.orElseThrow().toString(), "--no-defaults", "--datadir=" + data, "--skip-test-db",
                    "--auth-root-authentication-method=normal", "--innodb-flush-log-at-trx-commit=0"));
        } else {
            command.addAll(List.of(
                    server.toString(), "--no-defaults", "--initialize-insecure", "--basedir=" + home(), "--datadir=" + data,
                    "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0"));
        }
        command.addAll(settings);
        return command;
    }

    /** Starts the server; what is relative is relative to the data. */
    List<String> start(Path data) {
        List<String> command = new ArrayList<>(List.of(
                server.toString(), "--no-defaults", "--datadir=" + data, "--socket=s", "--bind-address=127.0.0.1",
                "--skip-name-resolve", "--innodb-flush-log-at-trx-commit=2", "--sync-binlog=0",
                "--innodb-buffer-pool-size=64M", "--innodb-log-file-size=32M", "--character-set-server=utf8mb4",
                // nothing may begin to act by itself
                "--event-scheduler=OFF", "--local-infile=1"));
        if (!mariadb) {
            command.addAll(List.of("--basedir=" + home(), "--pid-file=pid", "--disable-log-bin"));
            if (series == 800) {
                command.add("--mysqlx=OFF");
            }
        }
        return command;
    }

    /** Statements that make the one account with all privileges, one per line; executed at each start. */
    String accounts(String password) {
        String account = "root@'127.0.0.1'";
        String grant = "GRANT ALL PRIVILEGES ON *.* TO " + account + " WITH GRANT OPTION;\n";
        if (mariadb) {
            return "CREATE OR REPLACE USER " + account + " IDENTIFIED BY '" + password + "';\n" + grant;
        }
        // the older plug-in needs no TLS; 8.4 has it switched off
        String plugin = series == 800 ? "WITH mysql_native_password " : "";
        return "CREATE USER IF NOT EXISTS " + account + ";\nALTER USER " + account + " IDENTIFIED " + plugin + "BY '"
                + password + "';\n" + grant;
    }

    private Path home() {
        return server.getParent().getParent();
    }
}
