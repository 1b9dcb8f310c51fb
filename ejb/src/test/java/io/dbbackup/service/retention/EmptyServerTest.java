package io.dbbackup.service.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.engine.mysql.MariadbEngine;
import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.RetentionPolicy;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.VerifyLevel;
import io.dbbackup.service.backup.BackupHandler;
import io.dbbackup.service.backup.BackupSealer;
import io.dbbackup.service.copy.CopyFixture;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.throwaway.MysqlInstance;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** A server that has lost its databases, or never had one, costs no backup of the databases that there were. */
class EmptyServerTest {
    private final RunFixture fixture = new RunFixture(new MariadbEngine(), new PostgresEngine());
    private final BackupHandler backup = new BackupHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets,
            new BackupSealer(fixture.queue, fixture.runs, fixture.sets, fixture.clock), CopyFixture.ofBackups(fixture));
    private final SetUsers users = new SetUsers(fixture.runs, fixture.clock);
    private final Leftovers leftovers = new Leftovers(fixture.sets, fixture.runs, fixture.clock);
    private final RetentionHandler retention = new RetentionHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets,
            new RetentionDecider(fixture.sets, fixture.runs, users, leftovers, fixture.queue, fixture.clock),
            new ExpireSet(fixture.sets, users, fixture.configuration), leftovers, fixture.clock);

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void of_mariadb() throws IOException {
        try (MysqlInstance server = MysqlInstance.start()) {
            configure(server.host(), server.port(), server.user(), server.password(), "mariadb", Map.of("sslMode", "DISABLED"));
            losesItsDatabases(sql -> server.sql("mysql", sql));
        }
    }

    @Test
    void of_postgresql() throws IOException {
        try (PostgresInstance server = PostgresInstance.builder().start()) {
            configure(server.host(), server.port(), server.user(), server.password(), "postgresql", Map.of("sslmode", "disable"));
            losesItsDatabases(sql -> server.psql("postgres", sql));
        }
    }

    private void configure(String host, int port, String user, String secret, String engine, Map<String, String> options)
            throws IOException {
        Path password = Files.writeString(fixture.storePath.resolveSibling("password"), secret);
        fixture.configuration.save(new SourceConfig(
                "server", engine, host, port, user, Optional.of(new SecretRef(SecretRef.Kind.FILE, password.toString())),
                engine.equals("postgresql") ? "postgres" : "", Optional.of("UTC"), options));
        policy(List.of());
    }

    private void policy(List<String> excluded) {
        fixture.configuration.save(new PolicyConfig(
                "nightly", "server", "store", List.of(), excluded, "zstd", 1, 1 << 20, 1, true, false,
                Optional.of(new RetentionPolicy(1, 1, 0, 0, 0, 1, Optional.empty()))));
    }

    private void losesItsDatabases(Consumer<String> sql) {
        empty(Optional.empty());
        BackupSetView fresh = empty(Optional.empty());
        assertThat(kept()).as("of those without databases the newest").containsExactly(fresh.id());
        assertThat(latest()).isEqualTo(new BackupSets.Resolved(fresh, List.of()));

        sql.accept("CREATE DATABASE shop");
        BackupSetView good = set(backedUp(RunState.SUCCEEDED));
        assertThat(kept()).containsExactly(good.id());

        policy(List.of("shop"));
        empty(Optional.of(good));
        policy(List.of());
        sql.accept("DROP DATABASE shop");
        BackupSetView lost = empty(Optional.of(good));
        assertThat(kept()).containsExactly(lost.id(), good.id());
        List.of(good, lost).forEach(this::verified);
        assertThat(kept()).containsExactly(lost.id(), good.id());
        assertThat(latest().set().id()).isEqualTo(good.id());
        assertThat(latest().warnings()).singleElement().asString().contains(
                lost.id(), "it holds no database", "or find out why its server had no database, then back up all");

        sql.accept("CREATE DATABASE shop");
        BackupSetView verified = set(backedUp(RunState.SUCCEEDED));
        verified(verified);
        assertThat(kept()).as("as ever").containsExactly(verified.id());

        BackupSetView meanwhile = set(backedUp(RunState.SUCCEEDED));
        BackupSetView newer = set(backedUp(RunState.SUCCEEDED));
        policy(List.of("shop"));
        BackupSetView empty = empty(Optional.of(newer));
        verified(empty);
        policy(List.of());
        // retention has decided when it asks whether the sets are there
        fixture.wrapStore(store -> asked(store, meanwhile.prefix(), () -> verified(meanwhile)));
        assertThat(kept()).as("verified since the decision")
                .containsExactly(empty.id(), newer.id(), meanwhile.id(), verified.id());
    }

    /** Does something when somebody first asks for blobs with that prefix. */
    private static BlobStore asked(BlobStore store, String prefix, Runnable action) {
        AtomicBoolean before = new AtomicBoolean(true);
        return (BlobStore) Proxy.newProxyInstance(
                EmptyServerTest.class.getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("stat") && arguments[0].toString().startsWith(prefix) && before.getAndSet(false)) {
                        action.run();
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }

    private void verified(BackupSetView set) {
        fixture.sets.verified(set.id(), "store", VerifyLevel.CONTENT, true, fixture.clock.instant());
    }

    private BackupSetView empty(Optional<BackupSetView> before) {
        Ended ended = backedUp(RunState.SUCCEEDED_WITH_WARNINGS);
        assertThat(ended.warnings()).singleElement().asString().contains("THERE IS NO DATABASE TO BACK UP in server")
                .contains(before.map(set -> set.id() + " of " + set.takenAt() + " (1 databases)").orElse("server that was meant"));
        return set(ended);
    }

    private Ended backedUp(RunState state) {
        fixture.clock.set(fixture.clock.instant().plus(Duration.ofDays(1)));
        Ended ended = fixture.run(backup, Map.of("policy", "nightly"));
        assertThat(ended.run().state()).as(ended.problem() + ended.warnings()).isEqualTo(state);
        return ended;
    }

    private BackupSetView set(Ended ended) {
        return fixture.sets.get(ended.run().set().orElseThrow());
    }

    private BackupSets.Resolved latest() {
        return fixture.sets.resolve("latest:server", Optional.empty());
    }

    private List<String> kept() {
        Ended ended = fixture.run(retention, Map.of("policy", "nightly"));
        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
        return fixture.sets.list(Optional.of("server"), Optional.empty(), 100).stream().map(BackupSetView::id).toList();
    }
}
