package io.dbbackup.engine.postgresql.sandbox;

import io.dbbackup.engine.postgresql.restore.TargetOptions;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.throwaway.PostgresBinaries;
import io.dbbackup.throwaway.PostgresInstance;
import io.dbbackup.throwaway.ThrowawayDirectories;
import io.dbbackup.throwaway.ThrowawayException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * A throwaway PostgreSQL server from local binaries, tuned for one restore: nothing in it has to survive. It listens on
 * a free port of the loopback interface with a random password and dies with the JVM at the latest.
 *
 * <p>Locales that this machine lacks are replaced by C in the sandbox, which changes only how texts sort; fingerprints do
 * not depend on the order of rows.
 */
public final class PostgresSandbox implements DatabaseEngine.Sandbox {
    /** No flush, little log, no helpers; locks for databases with many tables. */
    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("wal_level", "minimal"),
            Map.entry("max_wal_senders", "0"),
            Map.entry("full_page_writes", "off"),
            Map.entry("max_wal_size", "4GB"),
            Map.entry("checkpoint_timeout", "1h"),
            Map.entry("autovacuum", "off"),
            Map.entry("max_locks_per_transaction", "1024"),
            Map.entry("maintenance_work_mem", "128MB"),
            Map.entry("shared_preload_libraries", ""));

    private final PostgresInstance instance;
    private final String name;

    private PostgresSandbox(PostgresInstance instance, String name) {
        this.instance = instance;
        this.name = name;
    }

    /**
     * Starts a server of the same major version.
     *
     * @param directory parent of its files; must be open to the unprivileged user of the server when the JVM is root's
     * @throws BackupException TOOL_MISSING when there are no server programs of that version, TOOL_FAILED when it does
     *     not start
     */
    public static PostgresSandbox start(ServerFacts like, Path directory) {
        PostgresBinaries binaries = binaries(like.major());
        try {
            PostgresInstance instance = PostgresInstance.builder()
                    .binaries(binaries)
                    .parent(directory)
                    // not "postgres": that role comes from the set, with its attributes
                    .superuser("dbbackup_sandbox")
                    .locale("C")
                    .encoding("UTF8")
                    .settings(SETTINGS)
                    .start();
            return new PostgresSandbox(instance, "sandbox of PostgreSQL " + like.major());
        } catch (ThrowawayException e) {
            throw new BackupException(
                    ErrorCode.TOOL_FAILED,
                    "a throwaway PostgreSQL " + like.major() + " did not start: " + e.getMessage(),
                    "Check free space and permissions of " + directory + ", then restart the run.",
                    e);
        }
    }

    /** Removes what JVMs that are gone have left in that directory. */
    public static void sweep(Path directory) {
        ThrowawayDirectories.sweep(directory);
    }

    private static PostgresBinaries binaries(int major) {
        List<PostgresBinaries> all = PostgresBinaries.all();
        return all.stream().filter(binaries -> binaries.majorVersion() == major).findFirst().orElseThrow(() -> {
            String found = all.stream().map(b -> "" + b.majorVersion()).collect(Collectors.joining(", "));
            return new BackupException(
                    ErrorCode.TOOL_MISSING,
                    "verifying by a restore needs the server programs of PostgreSQL " + major + ", this machine has "
                            + (found.isEmpty() ? "none" : "only those of " + found),
                    "Install them: apt-get install postgresql-" + major + ", or dnf install postgresql" + major
                            + "-server postgresql" + major + "-contrib (repositories of postgresql.org).");
        });
    }

    @Override
    public Endpoint endpoint() {
        String password = instance.password();
        return new Endpoint(
                name, "postgresql", instance.host(), instance.port(), instance.user(), () -> Optional.of(password),
                "postgres",
                Map.of(
                        "sslmode", "disable",
                        "toolDirectory", instance.binaries().directory().toString(),
                        TargetOptions.LOCALE_FALLBACK, "true"));
    }

    @Override
    public void close() {
        instance.close();
    }
}
