package io.dbbackup.engine;

import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.model.BlobRef;
import io.dbbackup.model.Endpoint;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Selection;
import io.dbbackup.model.ServerFacts;
import io.dbbackup.model.manifest.BackupManifest;
import io.dbbackup.model.manifest.DatabaseEntry;
import io.dbbackup.pipeline.Codecs;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.service.set.BlobSetWriter;
import io.dbbackup.spi.BackupContext;
import io.dbbackup.spi.BackupSpec;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.LogicalBackup;
import io.dbbackup.spi.SetWriter;
import io.dbbackup.store.file.FileStoreProvider;
import io.dbbackup.throwaway.PostgresInstance;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.TreeSet;

/** A backup without catalog and batch, into a file store in a temporary directory. */
public final class BackupRun extends InMemoryRun implements BackupContext {
    public static final String PREFIX = "source/set/";

    private final DatabaseEngine engine;
    private final Endpoint source;
    private final BackupSpec spec;
    private final BlobStore store;
    private final BlobSetWriter writer;

    public BackupRun(Endpoint source, BackupSpec spec, Path directory, int workers) {
        this(new PostgresEngine(), source, spec, directory, workers);
    }

    public BackupRun(DatabaseEngine engine, Endpoint source, BackupSpec spec, Path directory, int workers) {
        super(workers);
        this.engine = engine;
        this.source = source;
        this.spec = spec;
        store = new FileStoreProvider().open(Map.of("path", directory.toString()), ref -> Optional.empty());
        writer = new BlobSetWriter(store, PREFIX, Codecs.byName("zstd"), OptionalInt.empty(), cancellation());
    }

    /** The superuser's endpoint of a throwaway server. */
    public static Endpoint endpoint(PostgresInstance server) {
        return endpoint(server, server.user(), server.password());
    }

    public static Endpoint endpoint(PostgresInstance server, String user, String password) {
        return new Endpoint(
                "test", "postgresql", server.host(), server.port(), user, () -> Optional.of(password), "postgres",
                Map.of("sslmode", "disable"));
    }

    /** Everything, or only the named databases, in parts of that size. */
    public static BackupSpec spec(long partBytes, String... databases) {
        return new BackupSpec(List.of(databases), List.of(), partBytes, true, true);
    }

    /** A part of the named databases. */
    public static BackupSpec spec(Selection selection, String... databases) {
        return new BackupSpec(List.of(databases), List.of(), 1 << 20, true, true, selection);
    }

    public LogicalBackup backup() {
        return engine.logicalBackup();
    }

    public BlobStore store() {
        return store;
    }

    /** Plans and executes everything; a lost snapshot starts its database again. Problems are left to be asked for. */
    public BackupRun execute() {
        add(backup().plan(this));
        return drain();
    }

    public BackupRun drain() {
        drain(item -> backup().execute(this, item, more -> {}));
        TreeSet<String> lost = new TreeSet<>();
        problems().forEach((key, problem) -> {
            if (problem.code() == ErrorCode.SNAPSHOT_LOST) {
                lost.add(items(item -> item.key().equals(key)).get(0).database());
            }
        });
        if (!lost.isEmpty()) {
            lost.forEach(database -> startAgain(database, backup().openKind()));
            reopen();
            drain();
        }
        return this;
    }

    /** Preflight, everything, and the manifest; fails with the first problem. */
    public BlobSetReader complete() {
        ServerFacts facts = backup().preflight(this);
        execute();
        problems().forEach((key, problem) -> {
            throw new AssertionError(key + ": " + problem);
        });
        return seal(facts);
    }

    /** Those that are done. */
    public List<DatabaseEntry> databases() {
        List<DatabaseEntry> databases = new ArrayList<>();
        items(item -> item.kind().equals(backup().closeKind())).forEach(close ->
                results(close.database(), close.kind(), item -> databases.add(item.result(DatabaseEntry.class))));
        return databases;
    }

    public BlobSetReader seal(ServerFacts facts) {
        List<BlobRef> globals = new ArrayList<>();
        results("", backup().globalsKind(), item -> globals.add(item.result(BlobRef.class)));
        List<DatabaseEntry> databases = databases();
        writer.seal(new BackupManifest(
                BackupManifest.FORMAT, BackupManifest.VERSION, "set", source.name(), run(), "test", Instant.now(),
                Instant.now(), "UTC", facts, "per-database", spec.selection().whole(), globals.stream().findFirst(), databases, List.of(),
                Optional.empty(), Optional.of(spec.selection()).filter(selection -> !selection.whole()), false, Optional.empty()));
        return BlobSetReader.open(store, PREFIX);
    }

    @Override
    public Endpoint source() {
        return source;
    }

    @Override
    public BackupSpec spec() {
        return spec;
    }

    @Override
    public SetWriter set() {
        return writer;
    }

    @Override
    public void close() {
        super.close();
        store.close();
    }
}
