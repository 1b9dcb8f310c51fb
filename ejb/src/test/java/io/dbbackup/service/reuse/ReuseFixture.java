package io.dbbackup.service.reuse;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.model.KeyConfig;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.service.backup.BackupHandler;
import io.dbbackup.service.backup.BackupSealer;
import io.dbbackup.service.copy.CopyFixture;
import io.dbbackup.service.copy.CopyHandler;
import io.dbbackup.service.imports.CatalogImport;
import io.dbbackup.service.restore.RestoreHandler;
import io.dbbackup.service.restore.RestoreSealer;
import io.dbbackup.service.retention.ExpireSet;
import io.dbbackup.service.retention.Leftovers;
import io.dbbackup.service.retention.RemoveHandler;
import io.dbbackup.service.retention.RetentionDecider;
import io.dbbackup.service.retention.RetentionHandler;
import io.dbbackup.service.retention.SetUsers;
import io.dbbackup.service.rewrite.DecryptHandler;
import io.dbbackup.service.rewrite.SetRewrite;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.service.run.RunHandler;
import io.dbbackup.service.verify.LinesVerification;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.BiConsumer;
import java.util.stream.Stream;

/** A real server whose backups refer to earlier ones, and everything that may be done to such sets. */
final class ReuseFixture implements AutoCloseable {
    final RunFixture fixture = new RunFixture(new PostgresEngine());
    final BackupHandler backup = backup(fixture.sets);
    final RestoreHandler restore = new RestoreHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.sets,
            new RestoreSealer(fixture.queue, fixture.runs));
    final DecryptHandler decrypt = new DecryptHandler(new SetRewrite(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets, fixture.clock));
    final CopyHandler copy = CopyFixture.handler(fixture);
    final ExpireSet expire = new ExpireSet(
            fixture.sets, new SetUsers(fixture.runs, fixture.clock), fixture.configuration);
    final RemoveHandler remove = new RemoveHandler(fixture.access, fixture.queue, fixture.sets, expire);
    private final Leftovers leftovers = new Leftovers(fixture.sets, fixture.runs, fixture.clock);
    final RetentionHandler retention = new RetentionHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets,
            new RetentionDecider(
                    fixture.sets, fixture.runs, new SetUsers(fixture.runs, fixture.clock), leftovers, fixture.queue, fixture.clock),
            expire, leftovers, fixture.clock);
    private final PostgresInstance server;

    ReuseFixture(PostgresInstance server) {
        this.server = server;
        try {
            Path password = Files.writeString(fixture.storePath.resolveSibling("password"), server.password());
            fixture.configuration.save(new SourceConfig(
                    "pg", "postgresql", server.host(), server.port(), server.user(),
                    Optional.of(new SecretRef(SecretRef.Kind.FILE, password.toString())), "postgres", Optional.of("UTC"),
                    Map.of("sslmode", "disable")));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        fixture.configuration.save(new StoreConfig(
                "offsite", "file", Map.of("path", fixture.storePath.resolveSibling("offsite").toString())));
        // large enough for four parts of a mebibyte, two, and a bundle
        server.psql("postgres", "DROP DATABASE IF EXISTS shop");
        server.psql("postgres", "CREATE DATABASE shop");
        server.psql("shop", """
                CREATE TABLE big AS SELECT i AS id, md5(i::text) || md5((-i)::text) AS a, 0 AS n FROM generate_series(1, 30000) i;
                CREATE TABLE grows AS SELECT i AS id, md5(i::text) || md5((-i)::text) AS a FROM generate_series(1, 12000) i;
                CREATE TABLE colours AS SELECT i AS id, md5(i::text) AS name FROM generate_series(1, 2000) i;
                CREATE TABLE sizes AS SELECT i AS id, md5(i::text) AS name FROM generate_series(1, 2000) i;
                CREATE TABLE nothing (id int);
                """);
    }

    BackupHandler backup(BackupSets sets) {
        return new BackupHandler(
                fixture.configuration, fixture.access, fixture.queue, fixture.runs, sets,
                new BackupSealer(fixture.queue, fixture.runs, sets, fixture.clock), CopyFixture.ofBackups(fixture));
    }

    CatalogImport imports() {
        return new CatalogImport(fixture.config, fixture.access, fixture.sets, fixture.runs);
    }

    void keyFile(String name, Path file) {
        fixture.configuration.save(new KeyConfig(
                name, "key-file", Optional.of(file.toString()), Optional.empty(), Optional.empty(), Optional.empty()));
    }

    static Map<String, String> parameters(Map<String, String> more) {
        Map<String, String> parameters = new HashMap<>(Map.of(
                "source", "pg", "store", "store", "databases", "shop", "partBytes", "1M", "reuseParts", "true"));
        parameters.putAll(more);
        return parameters;
    }

    /** A backup a minute after the last one. */
    BackupSetView backedUp(Map<String, String> more) {
        later();
        Ended ended = done(fixture.run(backup, parameters(more)));
        return fixture.sets.get(ended.run().set().orElseThrow());
    }

    BackupSetView backedUp() {
        return backedUp(Map.of());
    }

    void later() {
        fixture.clock.set(fixture.clock.instant().plusSeconds(60));
    }

    Ended done(Ended ended) {
        assertThat(ended.run().state())
                .as(ended.problem() + ended.warnings())
                .isIn(RunState.SUCCEEDED, RunState.SUCCEEDED_WITH_WARNINGS);
        return ended;
    }

    Ended removed(BackupSetView set, String store) {
        return fixture.run(remove, Map.of("set", set.id(), "confirm", set.id(), "store", store));
    }

    Ended forgotten(BackupSetView set) {
        return fixture.run(remove, Map.of("set", set.id(), "confirm", set.id(), "store", set.store(), "missing", "true"));
    }

    Ended kept(int last) {
        later();
        return done(fixture.run(retention, Map.of("source", "pg", "store", "store", "last", Integer.toString(last))));
    }

    void verified(BackupSetView set, String level) {
        RunHandler verify = LinesVerification.handler(fixture);
        Ended ended = fixture.run(verify, Map.of("set", set.id(), "store", set.store(), "level", level));
        assertThat(ended.run().state()).as(level + ended.problem() + ended.warnings()).isEqualTo(RunState.SUCCEEDED);
    }

    /** Restores the database, which compares its tables with the set, and compares their rows with those of {@code rows}. */
    void restored(BackupSetView set, String rows) {
        done(fixture.run(restore, Map.of(
                "set", set.id(), "store", set.store(), "target", "pg", "databases", "shop=back", "globals", "none")));
        assertThat(rowsOf("back")).isEqualTo(rows);
        server.psql("postgres", "DROP DATABASE back");
    }

    /** What the tables of a database hold. */
    String rowsOf(String database) {
        return server.psql(database, """
                SELECT (SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM big t)
                    || (SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM grows t)
                    || (SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM colours t)
                    || (SELECT md5(string_agg(t::text, ',' ORDER BY id)) FROM sizes t)
                """);
    }

    String rows() {
        return rowsOf("shop");
    }

    void sql(String statements) {
        server.psql("shop", statements);
    }

    /** Names of blobs with rows below the set's own prefix. */
    List<String> dataOf(BackupSetView set) {
        Path root = fixture.storePath.resolveSibling(set.store()).resolve(set.prefix());
        try (Stream<Path> paths = Files.walk(root)) {
            return paths.filter(Files::isRegularFile)
                    .map(path -> root.relativize(path).toString())
                    .filter(name -> name.contains("/data/"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Calls something with the method and the name of a blob before each call of the store. */
    void watchStore(BiConsumer<String, String> watcher) {
        fixture.wrapStore(store -> (BlobStore) Proxy.newProxyInstance(
                getClass().getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    if (arguments != null && arguments.length > 0 && arguments[0] instanceof String name) {
                        watcher.accept(method.getName(), name);
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    @Override
    public void close() {
        fixture.close();
    }

    /** A server that ends. */
    static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }
}
