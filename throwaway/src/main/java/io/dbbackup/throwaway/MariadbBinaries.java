package io.dbbackup.throwaway;

import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * The programs of MariaDB on this machine.
 *
 * @param server {@code mariadbd}
 * @param install {@code mariadb-install-db}
 * @param client {@code mariadb}
 */
record MariadbBinaries(Path server, Path install, Path client) {
    private static final List<Path> PLACES = List.of(
            Path.of("/usr/sbin"), Path.of("/usr/bin"), Path.of("/usr/libexec"), Path.of("/usr/local/bin"));

    /** @throws ThrowawayException when one is missing, with the remedy */
    static MariadbBinaries find() {
        return new MariadbBinaries(program("mariadbd"), program("mariadb-install-db"), program("mariadb"));
    }

    private static Path program(String name) {
        return PLACES.stream()
                .map(place -> place.resolve(name))
                .filter(Files::isExecutable)
                .findFirst()
                .orElseThrow(() -> new ThrowawayException("no program " + name + " in " + PLACES
                        + ". Install MariaDB, on Debian or Ubuntu with: apt-get install mariadb-server"));
    }
}
