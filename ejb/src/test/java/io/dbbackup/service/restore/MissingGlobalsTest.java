package io.dbbackup.service.restore;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.crypto.TestKeys;
import io.dbbackup.engine.mysql.MariadbEngine;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.KeyConfig;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.service.backup.BackupHandler;
import io.dbbackup.service.backup.BackupSealer;
import io.dbbackup.service.copy.CopyFixture;
import io.dbbackup.service.rewrite.EncryptHandler;
import io.dbbackup.service.rewrite.SetRewrite;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.throwaway.MysqlInstance;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Who restores a set without the accounts that its backup was to take is told that there are none; and nobody else is. */
class MissingGlobalsTest {
    private static MysqlInstance server;

    private final RunFixture fixture = new RunFixture(new MariadbEngine());
    private final BackupHandler backup = new BackupHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets,
            new BackupSealer(fixture.queue, fixture.runs, fixture.sets, fixture.clock), CopyFixture.ofBackups(fixture));
    private final EncryptHandler encrypt = new EncryptHandler(new SetRewrite(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets, fixture.clock));
    private final RestoreHandler restore = new RestoreHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.sets, new RestoreSealer(fixture.queue, fixture.runs));

    @BeforeAll
    static void start() {
        server = MysqlInstance.start();
        server.sql("mysql", "CREATE DATABASE crm; CREATE TABLE crm.c (i int PRIMARY KEY); CREATE DATABASE shop;"
                + " CREATE TABLE shop.s (i int PRIMARY KEY)");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void configure() throws IOException {
        Path password = Files.writeString(fixture.storePath.resolveSibling("password"), server.password());
        fixture.configuration.save(new SourceConfig(
                "maria", "mariadb", server.host(), server.port(), server.user(),
                Optional.of(new SecretRef(SecretRef.Kind.FILE, password.toString())), "", Optional.of("UTC"),
                Map.of("sslMode", "DISABLED")));
        Path key = TestKeys.keyFile(fixture.storePath.resolveSibling("office.key"), 1);
        fixture.configuration.save(new KeyConfig(
                "office", "key-file", Optional.of(key.toString()), Optional.empty(), Optional.empty(), Optional.empty()));
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void a_restore_warns_of_accounts_that_failed_and_of_none_that_were_not_to_be_taken() {
        Map<Map<String, String>, Set<String>> all = Map.of(
                Map.of(), Set.of("globals"),
                Map.of("excludeTableData", "crm.c"), Set.of("globals"),
                Map.of("exclude", "shop"), Set.of("globals"),
                Map.of("workers", "1"), Set.of("globals", "shop"),
                Map.of("workers", "2"), Set.of(),
                Map.of("databases", "crm,shop"), Set.of("shop"));
        all.forEach((taken, failing) -> {
            String set = backedUp(taken, failing);
            assertThat(fixture.run(encrypt, Map.of("set", set, "encrypt", "office")).problem()).isEmpty();
            for (BackupSetView made : fixture.sets.list(Optional.of("maria"), Optional.empty(), 2)) {
                assertThat(warned(made.id(), Map.of())).as(taken + " " + failing).isEqualTo(failing.contains("globals"));
            }
        });
        assertThat(warned(backedUp(Map.of(), Set.of("globals")), Map.of("globals", "none"))).as("they are not wanted").isFalse();
    }

    private boolean warned(String set, Map<String, String> more) {
        Map<String, String> parameters = new HashMap<>(Map.of("set", set, "target", "maria", "databases", "crm=back"));
        parameters.putAll(more);
        Ended ended = fixture.run(restore, parameters);
        assertThat(ended.problem()).isEmpty();
        server.sql("mysql", "DROP DATABASE back");
        List<String> warnings = ended.warnings().stream().filter(warning -> warning.contains("roles or accounts")).toList();
        assertThat(warnings).allSatisfy(warning -> assertThat(warning).contains(set, "may not write"));
        return !warnings.isEmpty();
    }

    private String backedUp(Map<String, String> taken, Set<String> failing) {
        fixture.clock.set(fixture.clock.instant().plus(Duration.ofDays(1)));
        Map<String, String> parameters = new HashMap<>(Map.of("source", "maria", "store", "store", "onError", "continue"));
        parameters.putAll(taken);
        fixture.wrapStore(store -> failing(store, failing));
        Ended ended = fixture.run(backup, parameters);
        fixture.wrapStore(store -> store);
        assertThat(ended.problem().isEmpty()).as(ended.problem()).isEqualTo(failing.isEmpty());
        return ended.run().set().orElseThrow();
    }

    private static BlobStore failing(BlobStore store, Set<String> failing) {
        return (BlobStore) Proxy.newProxyInstance(
                MissingGlobalsTest.class.getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("create") && failing.stream().anyMatch(arguments[0].toString()::contains)) {
                        throw new BackupException(ErrorCode.STORE_ACCESS_DENIED, "may not write " + arguments[0], "Allow it.");
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
