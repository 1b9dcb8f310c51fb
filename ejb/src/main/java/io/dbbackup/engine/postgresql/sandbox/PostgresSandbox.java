package io.dbbackup.engine.postgresql.sandbox;

import io.dbbackup.engine.postgresql.PgTools;
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
import java.util.Comparator;
import java.util.HashMap;
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
    private final ServerFacts like;

    private PostgresSandbox(PostgresInstance instance, ServerFacts like) {
        this.instance = instance;
        this.like = like;
    }

    /**
     * Starts a server of the same major version, or else of the next newer one.
     *
     * @param directory parent of its files; must be open to the unprivileged user of the server when the JVM is root's
     * @throws BackupException TOOL_MISSING when there are no server programs of that version or a newer one, TOOL_FAILED when it does
     *     not start
     */
    public static PostgresSandbox start(ServerFacts like, Path directory) {
        PostgresBinaries binaries = choose(PostgresBinaries.all(), like.major());
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
            return new PostgresSandbox(instance, like);
        } catch (ThrowawayException e) {
            throw new BackupException(
                    ErrorCode.TOOL_FAILED,
                    "a throwaway PostgreSQL " + binaries.majorVersion() + " did not start: " + e.getMessage(),
                    "Check free space and permissions of " + directory + ", then restart the run.",
                    e);
        }
    }

    /** Removes what JVMs that are gone have left in that directory. */
    public static void sweep(Path directory) {
        ThrowawayDirectories.sweep(directory);
    }

    /** @param all what this machine has, one per major version */
    static PostgresBinaries choose(List<PostgresBinaries> all, int major) {
        return all.stream()
                .filter(binaries -> binaries.majorVersion() >= major)
                .min(Comparator.comparingInt(PostgresBinaries::majorVersion))
                .orElseThrow(() -> missing(all, major));
    }

    private static BackupException missing(List<PostgresBinaries> all, int major) {
        String found = all.stream().map(b -> "" + b.majorVersion()).collect(Collectors.joining(", "));
        return new BackupException(
                ErrorCode.TOOL_MISSING,
                "verifying by a restore needs the server programs of PostgreSQL " + major + " or newer, this machine has "
                        + (found.isEmpty() ? "none" : "only those of " + found),
                "Install them: apt-get install postgresql-" + major + ", or dnf install postgresql" + major
                        + "-server postgresql" + major + "-contrib (repositories of postgresql.org).");
    }

    @Override
    public Endpoint endpoint() {
        String password = instance.password();
        return new Endpoint(
                "sandbox of PostgreSQL " + instance.majorVersion(), "postgresql", instance.host(), instance.port(),
                instance.user(), () -> Optional.of(password), "postgres", options());
    }

    /** Its own tools, unless the archive was written by newer ones: those are then looked for as for any server. */
    private Map<String, String> options() {
        Map<String, String> options = new HashMap<>(Map.of("sslmode", "disable", TargetOptions.LOCALE_FALLBACK, "true"));
        Path own = instance.binaries().directory();
        if (PgTools.in(own).filter(tools -> tools.major() >= PgTools.archiveMajor(like)).isPresent()) {
            options.put("toolDirectory", own.toString());
        }
        return options;
    }

    @Override
    public Optional<String> deviation() {
        return instance.majorVersion() == like.major()
                ? Optional.empty()
                : Optional.of("restored into a throwaway PostgreSQL " + instance.majorVersion() + ", the set is of "
                        + like.major() + ": this machine has no server programs of that version");
    }

    @Override
    public void close() {
        instance.close();
    }
}
