package io.dbbackup.benchmarks;

import io.dbbackup.throwaway.MysqlInstance;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A database server whose CPU time counts. */
interface Server {
    /** The process of which all its others descend. */
    long pid();

    static Server of(PostgresInstance server) {
        return () -> first(server.dataDirectory().resolve("postmaster.pid"));
    }

    static Server of(MysqlInstance server) {
        return () -> first(server.dataDirectory().resolveSibling("server.pid"));
    }

    private static long first(Path file) {
        try {
            return Long.parseLong(Files.readAllLines(file).get(0).strip());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
