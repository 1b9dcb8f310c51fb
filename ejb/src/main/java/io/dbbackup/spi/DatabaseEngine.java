package io.dbbackup.spi;

import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.pipeline.RowScanner;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** A kind of database server. One {@code @ApplicationScoped} bean in the engine's folder; thread-safe. */
public interface DatabaseEngine {
    /** The {@code engine} in the configuration, for example {@code postgresql}. */
    String type();

    int defaultPort();

    /** Database to connect to for work on the server as a whole when none is configured; empty when none is ever needed. */
    default String defaultDatabase() {
        return "";
    }

    /**
     * Checks options, each by itself.
     *
     * @throws io.dbbackup.model.BackupException INVALID_CONFIGURATION naming the option
     */
    void validate(Map<String, String> options);

    /**
     * Checks whether all options of a server, each of which is valid, go together.
     *
     * @throws io.dbbackup.model.BackupException INVALID_CONFIGURATION naming those that do not
     */
    default void validateTogether(Map<String, String> options) {}

    /**
     * Connects and asks the server what it is.
     *
     * @throws io.dbbackup.model.BackupException also when a backup could not be made because this machine has no programs
     *     for that version: TOOL_MISSING, TOOL_TOO_OLD
     */
    ServerFacts describe(Endpoint endpoint);

    /**
     * Connections that a run with so many workers may have at the same time, at most: with those that are held from one
     * item to another, and those of programs. Grows with the workers.
     */
    int connections(int workers);

    LogicalBackup logicalBackup();

    LogicalRestore logicalRestore();

    /** @throws io.dbbackup.model.BackupException MANIFEST_INVALID for a format that this engine does not write */
    RowScanner rowScanner(String format);

    /**
     * Reads the definitions of a database to the end and finds out whether the programs that restore them understand
     * them; without such programs on this machine only the bytes are read. Does not execute anything.
     *
     * @param server the server that the set is of
     * @param plain plain bytes of the blob with the definitions
     * @throws io.dbbackup.model.BackupException BLOB_UNDECODABLE when they are not what they should be, CANCELLED, and
     *     what reading the stream throws
     */
    default void checkDefinitions(ServerFacts server, InputStream plain, Cancellation cancellation)
            throws IOException {
        plain.transferTo(OutputStream.nullOutputStream());
    }

    /**
     * How a set is opened with standard tools alone, step by step.
     *
     * @param decoder shell command that undoes the blobs' compression
     */
    default List<String> withoutUs(BackupManifest manifest, String decoder) {
        return List.of();
    }

    /**
     * Starts a throwaway server, of the same major version or else the next newer one, able to take a set of that server,
     * from local binaries as an unprivileged user; closing it ends it and deletes everything.
     *
     * @param directory parent for its files
     * @throws io.dbbackup.model.BackupException TOOL_MISSING when there are no binaries of that version or a newer one
     */
    Sandbox startSandbox(ServerFacts like, Path directory);

    /** Ends the servers and deletes the files that the sandboxes of JVMs that are gone have left in that directory. */
    void sweepSandboxes(Path directory);

    /** A throwaway server. */
    interface Sandbox extends AutoCloseable {
        Endpoint endpoint();

        /** In what it differs from the server that it stands for, as a sentence for the report. */
        default Optional<String> deviation() {
            return Optional.empty();
        }

        @Override
        void close();
    }
}
