package io.dbbackup.service.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.model.Bandwidth;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.pipeline.BlobWriter;
import io.dbbackup.service.backup.BackupHandler;
import io.dbbackup.service.backup.BackupSealer;
import io.dbbackup.service.copy.CopyFixture;
import io.dbbackup.service.restore.RestoreHandler;
import io.dbbackup.service.restore.RestoreSealer;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Backups and restores of a real server within limits, each compared with the set by the restore itself. */
class LimitedRunsTest {
    private static final long MIB = 1 << 20;
    private static final String APPLICATION = "application_name LIKE 'dbbackup%'";
    private static PostgresInstance server;

    private final RunFixture fixture = new RunFixture(new PostgresEngine());
    private final BackupHandler backup = new BackupHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets,
            new BackupSealer(fixture.queue, fixture.runs, fixture.sets, fixture.clock),
            CopyFixture.ofBackups(fixture));
    private final RestoreHandler restore = new RestoreHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.sets,
            new RestoreSealer(fixture.queue, fixture.runs));
    private Path password;

    @BeforeAll
    static void start() {
        server = PostgresInstance.builder().start();
        for (String database : List.of("one", "two", "three")) {
            server.psql("postgres", "CREATE DATABASE " + database);
            // does not compress, so that the bytes in the store are about those of the table
            server.psql(database, """
                    CREATE TABLE noise AS SELECT n AS id, sha512(n::text::bytea) AS bytes FROM generate_series(1, 10000) n;
                    ALTER TABLE noise ADD PRIMARY KEY (id);
                    CREATE TABLE small AS SELECT n FROM generate_series(1, 10) n;
                    """);
        }
    }

    @AfterAll
    static void end() {
        server.close();
    }

    @BeforeEach
    void configure() throws IOException {
        password = Files.writeString(fixture.storePath.resolveSibling("password"), server.password());
        source(Optional.empty(), Optional.empty());
        fixture.inParallel();
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    private void source(Optional<Integer> connections, Optional<Bandwidth> bandwidth) {
        fixture.configuration.save(new SourceConfig(
                "pg", "postgresql", server.host(), server.port(), server.user(),
                Optional.of(new SecretRef(SecretRef.Kind.FILE, password.toString())), "postgres", Optional.of("UTC"),
                Map.of("sslmode", "disable"), false, connections, bandwidth));
        fixture.limits.refresh();
    }

    private void store(Optional<Bandwidth> bandwidth) {
        fixture.configuration.save(
                new StoreConfig("store", "file", Map.of("path", fixture.storePath.toString()), bandwidth));
        fixture.limits.refresh();
    }

    private Map<String, String> backupOf(String... databases) {
        Map<String, String> parameters = new HashMap<>(Map.of(
                "source", "pg", "store", "store", "codec", "none", "partBytes", "1M", "workers", "4"));
        parameters.put("databases", String.join(",", databases));
        return parameters;
    }

    private void restored(BackupSetView set, String databases) {
        Ended ended = fixture.run(restore, Map.of(
                "set", set.id(), "target", "pg", "databases", databases, "workers", "4", "globals", "none"));
        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(fixture.executions.all()).isEmpty();
    }

    @Test
    void backup_and_restore_never_have_more_connections_than_allowed() throws Exception {
        source(Optional.of(5), Optional.empty());
        try (Watch watch = new Watch(4)) {
            Ended ended = fixture.run(backup, backupOf("one", "two", "three"));
            assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
            restored(fixture.sets.get("latest:pg"), "one=one2,two=two2,three=three2");
            assertThat(watch.most()).isBetween(1, 4);
        }
        List.of("one2", "two2", "three2").forEach(name -> server.psql("postgres", "DROP DATABASE " + name));
    }

    @Test
    void one_worker_at_a_time_does_all_the_work_of_two_runs_at_once() throws Exception {
        fixture.configuration.workers(1);
        fixture.configuration.save(new SourceConfig(
                "other", "postgresql", server.host(), server.port(), server.user(),
                Optional.of(new SecretRef(SecretRef.Kind.FILE, password.toString())), "postgres", Optional.of("UTC"),
                Map.of("sslmode", "disable")));
        fixture.limits.refresh();
        Uploads uploads = new Uploads();
        fixture.wrapStore(uploads::watched);
        Map<String, String> other = backupOf("two");
        other.put("source", "other");
        CompletableFuture<Ended> first = CompletableFuture.supplyAsync(() -> fixture.run(backup, backupOf("one")));
        CompletableFuture<Ended> second = CompletableFuture.supplyAsync(() -> fixture.run(backup, other));
        assertThat(first.get(2, TimeUnit.MINUTES).run().state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(second.get(2, TimeUnit.MINUTES).run().state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(uploads.most).hasValue(1);
    }

    @Test
    void a_store_takes_no_more_bytes_per_second_than_allowed_and_gives_no_more() {
        long rate = MIB;
        store(Optional.of(Bandwidth.of(rate)));
        long start = System.nanoTime();
        Ended ended = fixture.run(backup, backupOf("one"));
        double seconds = (System.nanoTime() - start) / 1e9;
        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
        BackupSetView set = fixture.sets.get("latest:pg");
        // a machine may be slower, never faster; a tenth of a second is saved up at the start
        assertThat(set.storedBytes()).isGreaterThan(MIB / 2);
        assertThat(seconds).isGreaterThan(0.95 * set.storedBytes() / rate - 0.15);

        start = System.nanoTime();
        restored(set, "one=again");
        assertThat((System.nanoTime() - start) / 1e9).isGreaterThan(0.95 * set.storedBytes() / rate - 0.15);
        server.psql("postgres", "DROP DATABASE again");
    }

    @Test
    void a_stop_ends_a_run_that_waits_for_bandwidth_and_the_restart_obeys_the_new_limit() throws Exception {
        source(Optional.empty(), Optional.of(Bandwidth.of(2048)));
        UUID run = fixture.create(backup, backupOf("one"));
        CompletableFuture<Ended> running = CompletableFuture.supplyAsync(() -> fixture.execute(backup, run));
        while (fixture.executions.find(run).filter(execution -> !execution.limits().isEmpty()).isEmpty()) {
            TimeUnit.MILLISECONDS.sleep(10);
        }
        assertThat(fixture.executions.get(run).limits()).containsExactly("limited to 2 KiB/s (source \"pg\")");
        long start = System.nanoTime();
        fixture.executions.get(run).cancellation().cancel();
        Ended stopped = running.get(1, TimeUnit.MINUTES);
        assertThat((System.nanoTime() - start) / 1e9).isLessThan(10);
        assertThat(stopped.run().state()).isEqualTo(RunState.FAILED);

        source(Optional.empty(), Optional.empty());
        Ended ended = fixture.execute(backup, run);
        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
        restored(fixture.sets.get("latest:pg"), "one=after");
        server.psql("postgres", "DROP DATABASE after");
    }

    /** Counts blobs that workers write at the same time; manifests are written when there is no worker. */
    private static final class Uploads {
        private final AtomicInteger open = new AtomicInteger();
        private final AtomicInteger most = new AtomicInteger();

        BlobStore watched(BlobStore store) {
            return proxy(BlobStore.class, store, (method, arguments, result) ->
                    method.equals("create") && !arguments[0].toString().endsWith("/manifest.json")
                            ? counted((BlobWriter) result)
                            : result);
        }

        private BlobWriter counted(BlobWriter writer) {
            most.accumulateAndGet(open.incrementAndGet(), Math::max);
            AtomicBoolean closed = new AtomicBoolean();
            return proxy(BlobWriter.class, writer, (method, arguments, result) -> {
                if (method.equals("close") && closed.compareAndSet(false, true)) {
                    open.decrementAndGet();
                }
                return result;
            });
        }

        private interface After {
            Object result(String method, Object[] arguments, Object result);
        }

        private static <T> T proxy(Class<T> type, T target, After after) {
            return type.cast(Proxy.newProxyInstance(
                    LimitedRunsTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                        try {
                            return after.result(method.getName(), arguments, method.invoke(target, arguments));
                        } catch (InvocationTargetException e) {
                            throw e.getCause();
                        }
                    }));
        }
    }

    /** Counts connections of ours that are there twice in a row: one that is about to go is none. */
    private static final class Watch implements AutoCloseable {
        private final Thread thread;
        private final int allowed;
        private volatile boolean over;
        private volatile int most;

        Watch(int allowed) {
            this.allowed = allowed;
            thread = new Thread(this::watch, "watch");
            thread.start();
        }

        private void watch() {
            try (Connection connection =
                            DriverManager.getConnection(server.jdbcUrl("postgres"), server.user(), server.password());
                    Statement statement = connection.createStatement()) {
                while (!over) {
                    Set<Integer> seen = pids(statement);
                    if (seen.size() > allowed) {
                        TimeUnit.MILLISECONDS.sleep(100);
                        seen.retainAll(pids(statement));
                    }
                    most = Math.max(most, seen.size());
                    TimeUnit.MILLISECONDS.sleep(2);
                }
            } catch (SQLException | InterruptedException e) {
                throw new IllegalStateException(e);
            }
        }

        private static Set<Integer> pids(Statement statement) throws SQLException {
            Set<Integer> pids = new HashSet<>();
            try (ResultSet rows = statement.executeQuery("SELECT pid FROM pg_stat_activity WHERE " + APPLICATION)) {
                while (rows.next()) {
                    pids.add(rows.getInt(1));
                }
            }
            return pids;
        }

        int most() {
            return most;
        }

        @Override
        public void close() throws InterruptedException {
            over = true;
            thread.join();
        }
    }
}
