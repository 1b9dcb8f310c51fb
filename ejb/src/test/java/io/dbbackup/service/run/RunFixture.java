package io.dbbackup.service.run;

import io.dbbackup.catalog.BackupSets;
import io.dbbackup.catalog.CatalogFixture;
import io.dbbackup.catalog.Configuration;
import io.dbbackup.catalog.RunView;
import io.dbbackup.catalog.Runs;
import io.dbbackup.catalog.Verifications;
import io.dbbackup.catalog.WorkQueue;
import io.dbbackup.model.Operation;
import io.dbbackup.model.Problem;
import io.dbbackup.model.RunState;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.service.access.Access;
import io.dbbackup.service.access.Secrets;
import io.dbbackup.service.config.ConfigService;
import io.dbbackup.service.config.InstalledPlugins;
import io.dbbackup.service.limit.Limits;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.StoreProvider;
import io.dbbackup.spi.WorkItem;
import io.dbbackup.store.file.FileStoreProvider;
import io.dbbackup.store.s3.S3StoreProvider;
import jakarta.transaction.Status;
import jakarta.transaction.TransactionSynchronizationRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Field;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/**
 * Runs operations as the batch jobs do (the real engine of runs, queue and catalog; a file store named {@code store}),
 * without an application server and in one thread unless more are asked for. The clock stands still until it is set.
 */
public final class RunFixture implements AutoCloseable {
    private static final String OWNER = "test-node";

    public final CatalogFixture catalog = new CatalogFixture();
    public final TestClock clock = new TestClock();
    public final Runs runs = catalog.bean(Runs.class, clock);
    public final WorkQueue queue = catalog.bean(WorkQueue.class, clock);
    public final BackupSets sets = catalog.bean(BackupSets.class);
    public final Verifications verifications = catalog.bean(Verifications.class);
    public final Configuration configuration = catalog.bean(Configuration.class, clock);
    public final Limits limits = new Limits(configuration, clock);
    public final Executions executions = catalog.bean(Executions.class, queue, runs, limits);
    public final Access access;
    public final ConfigService config;
    public final Path storePath;
    private long jobExecutions;
    private boolean parallel;
    private UnaryOperator<BlobStore> storeWrapper = UnaryOperator.identity();

    public RunFixture(DatabaseEngine... engines) {
        try {
            storePath = Files.createTempDirectory("dbbackup-run-fixture").resolve("store");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        FixedInstance<StoreProvider> stores = new FixedInstance<>(List.of(fileStores(), new S3StoreProvider()));
        access = new Access(configuration, new Secrets(null), limits, new FixedInstance<>(List.of(engines)), stores);
        config = catalog.bean(
                ConfigService.class, configuration,
                new InstalledPlugins(
                        access, new FixedInstance<>(List.of(engines)), stores, new FixedInstance<>(List.of())));
        configuration.save(new StoreConfig("store", "file", Map.of("path", storePath.toString())));
    }

    private StoreProvider fileStores() {
        FileStoreProvider files = new FileStoreProvider();
        return (StoreProvider) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {StoreProvider.class}, (proxy, method, arguments) -> {
                    try {
                        Object result = method.invoke(files, arguments);
                        return result instanceof BlobStore store ? storeWrapper.apply(store) : result;
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    /** Puts something between the operations and the store from now on, for example what makes it fail. */
    public void wrapStore(UnaryOperator<BlobStore> wrapper) {
        storeWrapper = wrapper;
    }

    public BlobStore store() {
        return access.store("store");
    }

    /** How an execution ended. */
    public record Ended(RunView run, SealOutcome outcome, List<String> warnings) {
        public String problem() {
            return run.problem().map(Problem::toString).orElse("");
        }
    }

    /** Starts a run and executes it to its end. */
    public Ended run(RunHandler handler, Map<String, String> parameters) {
        return execute(handler, create(handler, parameters));
    }

    /** Creates a run as somebody's request does, who may be refused because of others. */
    public UUID request(RunHandler handler, Map<String, String> parameters) {
        return engine(handler).create(handler.operation(), parameters, "tester", "test", Optional.empty()).id();
    }

    /** Plans an execution of a run that goes on for ever. */
    public Optional<Problem> plan(RunHandler handler, UUID id) {
        executions.begin(id, 1, ++jobExecutions, OWNER, () -> false);
        return engine(handler).plan(id);
    }

    public UUID create(RunHandler handler, Map<String, String> parameters) {
        return runs.create(handler.check(new Parameters(parameters)), "tester", "test", Optional.empty(), "").id();
    }

    /** Executes, or restarts, a run. An {@link Error} out of an item is a killed server: it leaves everything as it is. */
    public Ended execute(RunHandler handler, UUID id) {
        RunEngine engine = engine(handler);
        executions.begin(id, 1, ++jobExecutions, OWNER, () -> false);
        SealOutcome outcome = null;
        try {
            Optional<Problem> refusal = engine.plan(id);
            if (refusal.isPresent()) {
                outcome = SealOutcome.failed(refusal.get(), Map.of());
            } else {
                drain(engine, id);
                outcome = engine.seal(id);
                if (outcome.result() == SealOutcome.Result.MORE) {
                    // as the further steps of the job
                    drain(engine, id);
                    outcome = engine.seal(id);
                }
            }
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        } finally {
            executions.end(id);
            runs.end(id, stateOf(outcome), outcome == null ? "NODE_LOST" : outcome.result().name());
        }
        return new Ended(runs.get(id), outcome, runs.warnings(id));
    }

    /** From now on a run has a thread for each of its workers. */
    public void inParallel() {
        parallel = true;
    }

    private void drain(RunEngine engine, UUID id) throws InterruptedException {
        if (!parallel) {
            drainAlone(engine, id);
            return;
        }
        CompletableFuture<?>[] workers = Stream.generate(() -> CompletableFuture.runAsync(() -> {
                    try {
                        drainAlone(engine, id);
                    } catch (InterruptedException e) {
                        throw new IllegalStateException(e);
                    }
                }, task -> new Thread(task, "worker").start()))
                .limit(executions.get(id).workers())
                .toArray(CompletableFuture<?>[]::new);
        CompletableFuture.allOf(workers).join();
    }

    private void drainAlone(RunEngine engine, UUID id) throws InterruptedException {
        Optional<WorkItem> item = engine.next(id);
        while (item.isPresent()) {
            WorkItem claimed = item.get();
            catalog.inTransaction(() -> engine.record(engine.execute(claimed)));
            item = engine.next(id);
        }
    }

    private static RunState stateOf(SealOutcome outcome) {
        if (outcome == null) {
            return RunState.INTERRUPTED;
        }
        return switch (outcome.result()) {
            case COMPLETED -> RunState.SUCCEEDED;
            case WARNINGS -> RunState.SUCCEEDED_WITH_WARNINGS;
            case PARTIAL, FAILED, MORE -> RunState.FAILED;
        };
    }

    private RunEngine engine(RunHandler handler) {
        RunEngine engine = catalog.bean(RunEngine.class, FixedInstance.of(handler), executions, queue, runs);
        try {
            Field field = RunEngine.class.getDeclaredField("transactions");
            field.setAccessible(true);
            field.set(engine, Proxy.newProxyInstance(
                    getClass().getClassLoader(),
                    new Class<?>[] {TransactionSynchronizationRegistry.class},
                    (proxy, method, arguments) -> Status.STATUS_NO_TRANSACTION));
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
        return engine;
    }

    /** Operation names in one place for tests that look at the runs of the catalog. */
    public List<RunView> runsOf(Operation operation) {
        return runs.list(Optional.of(operation), List.of(), Optional.empty(), 100);
    }

    @Override
    public void close() {
        catalog.close();
        delete(storePath.getParent());
    }

    private static void delete(Path path) {
        try (var files = Files.walk(path)) {
            for (Path file : files.sorted(java.util.Comparator.reverseOrder()).toList()) {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A clock to set. */
    public static final class TestClock extends Clock {
        private volatile Instant now = Instant.parse("2026-11-20T23:32:00Z");

        public void set(Instant instant) {
            now = instant;
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
