package io.dbbackup.throwaway;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The server programs of MariaDB or MySQL on this machine: those of packages, those in {@code PATH}, and those of the
 * installation directories (what the vendors' archives unpack to) that the environment variable {@code DBBACKUP_MYSQL_HOMES} or
 * the system property {@code dbbackup.mysql.homes} lists, with colons between them.
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
    /** Where servers and scripts are in an installation directory, by vendor and release. */
    private static final List<String> WITHIN = List.of("bin", "sbin", "libexec", "scripts");

    /** As the throwaway PostgreSQL has fsync off: each table that is made or dropped would wait for the disk several times. */
    private static final List<String> NOT_DURABLE = List.of("--loose-innodb-flush-method=nosync", "--loose-debug-no-sync=1");

    private static final Pattern VERSION = Pattern.compile("Ver (\\d+)\\.(\\d+)\\.\\d+(-MariaDB)?");

    /** All that there are, those of the listed installation directories first; one per vendor and release series. */
    public static List<MysqlPrograms> all() {
        List<MysqlPrograms> found = new ArrayList<>();
        Set<Path> seen = new HashSet<>();
        for (Path directory : directories()) {
            for (String name : List.of("mariadbd", "mysqld")) {
                Path server = directory.resolve(name);
                if (Files.isExecutable(server) && seen.add(real(server))) {
                    usable(server).filter(programs -> found.stream().noneMatch(
                                    other -> other.mariadb == programs.mariadb && other.series == programs.series))
                            .ifPresent(found::add);
                }
            }
        }
        return found;
    }

    private static Optional<MysqlPrograms> usable(Path server) {
        try {
            return of(server);
        } catch (ThrowawayException e) {
            // it does not even say its version, for example for lack of a library
            return Optional.empty();
        }
    }

    private static List<Path> directories() {
        List<Path> directories = new ArrayList<>();
        paths(Optional.ofNullable(System.getProperty("dbbackup.mysql.homes"))
                        .orElse(System.getenv("DBBACKUP_MYSQL_HOMES")))
                .forEach(home -> WITHIN.forEach(within -> directories.add(home.resolve(within))));
        directories.addAll(PLACES);
        directories.addAll(paths(System.getenv("PATH")));
        return directories;
    }

    private static List<Path> paths(String list) {
        return list == null
                ? List.of()
                : Arrays.stream(list.split(File.pathSeparator)).filter(path -> !path.isBlank()).map(Path::of).toList();
    }

    private static Path real(Path file) {
        try {
            return file.toRealPath();
        } catch (IOException e) {
            // it is gone again
            return file;
        }
    }

    /** @throws ThrowawayException when there is none, with the remedy */
    public static MysqlPrograms ofMariadb() {
        return all().stream().filter(MysqlPrograms::mariadb).findFirst().orElseThrow(() -> new ThrowawayException(
                "no programs mariadbd and mariadb-install-db in " + PLACES
                        + ". Install MariaDB, on Debian or Ubuntu with: apt-get install mariadb-server"));
    }

    /** @throws ThrowawayException when there is none, with the remedy */
    public static MysqlPrograms ofMysql() {
        return all().stream().filter(programs -> !programs.mariadb).findFirst().orElseThrow(() -> new ThrowawayException(
                "no program mysqld of MySQL in " + PLACES + ". Unpack an archive of MySQL and name it in DBBACKUP_MYSQL_HOMES"));
    }

    /** Vendor and release series, for people. */
    public String title() {
        return (mariadb ? "MariaDB " : "MySQL ") + series / 100 + "." + series % 100;
    }

    /**
     * Those in an installation directory, as the vendors' archives have them.
     *
     * @throws ThrowawayException when there are none
     */
    public static MysqlPrograms in(Path home) {
        return Stream.of("mariadbd", "mysqld")
                .flatMap(name -> WITHIN.stream().map(within -> home.resolve(within).resolve(name)))
                .filter(Files::isExecutable)
                .flatMap(server -> of(server).stream())
                .findFirst()
                .orElseThrow(() -> new ThrowawayException("no server of MySQL or MariaDB in " + home));
    }

    /** What the program says it is; the name {@code mysqld} may be MariaDB's. */
    private static Optional<MysqlPrograms> of(Path server) {
        Matcher version = VERSION.matcher(
                Subprocess.of(List.of(server.toString(), "--no-defaults", "--version")).output());
        if (!version.find()) {
            return Optional.empty();
        }
        boolean mariadb = version.group(3) != null;
        Path home = server.toAbsolutePath().getParent().getParent();
        Optional<Path> install = mariadb
                ? WITHIN.stream().map(within -> home.resolve(within).resolve("mariadb-install-db"))
                        .filter(Files::isExecutable).findFirst()
                : Optional.empty();
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
            if (!packaged()) {
                command.add("--basedir=" + home());
            }
        } else {
            command.addAll(List.of(
                    server.toString(), "--no-defaults", "--initialize-insecure", "--basedir=" + home(), "--datadir=" + data,
                    "--innodb-flush-log-at-trx-commit=0", "--innodb-doublewrite=0"));
        }
        command.addAll(NOT_DURABLE);
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
        command.addAll(NOT_DURABLE);
        if (mariadb) {
            if (!packaged()) {
                command.add("--basedir=" + home());
            }
        } else {
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
            // mariadb-install-db makes an account for the name of this machine, which a server that resolves no names never knows
            return "DELETE FROM mysql.global_priv WHERE Host = lower(@@hostname);\n"
                    + "CREATE OR REPLACE USER " + account + " IDENTIFIED BY '" + password + "';\n" + grant
                    // "all" is without PROXY, which every installation's root has; nobody is logged in who could grant it
                    + "REPLACE INTO mysql.proxies_priv (Host, User, Proxied_host, Proxied_user, With_grant, Grantor)"
                    + " VALUES ('127.0.0.1', 'root', '%', '', 1, '');\nFLUSH PRIVILEGES;\n";
        }
        // the older plug-in needs no TLS; 8.4 has it switched off
        String plugin = series == 800 ? "WITH mysql_native_password " : "";
        return "CREATE USER IF NOT EXISTS " + account + ";\nALTER USER " + account + " IDENTIFIED " + plugin + "BY '"
                + password + "';\n" + grant;
    }

    /** Whether the programs know themselves where their files are. */
    private boolean packaged() {
        return home().equals(Path.of("/usr"));
    }

    private Path home() {
        return server.getParent().getParent();
    }
}
