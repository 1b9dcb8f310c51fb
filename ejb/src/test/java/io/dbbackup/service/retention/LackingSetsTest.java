package io.dbbackup.service.retention;

import static org.assertj.core.api.Assertions.assertThat;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.crypto.TestKeys;
import io.dbbackup.engine.mysql.MariadbEngine;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.KeyConfig;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.StoreConfig;
import io.dbbackup.service.backup.BackupHandler;
import io.dbbackup.service.backup.BackupSealer;
import io.dbbackup.service.copy.CopyFixture;
import io.dbbackup.service.rewrite.DecryptHandler;
import io.dbbackup.service.rewrite.EncryptHandler;
import io.dbbackup.service.rewrite.SetRewrite;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.service.run.RunHandler;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.service.set.ManifestFile;
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

/** Retention never takes the last backup of something for a set that lacks just that, whatever else both of them lack. */
class LackingSetsTest {
    private static MysqlInstance server;

    private final RunFixture fixture = new RunFixture(new MariadbEngine());
    private final BackupHandler backup = new BackupHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets,
            new BackupSealer(fixture.queue, fixture.runs, fixture.sets, fixture.clock), CopyFixture.ofBackups(fixture));
    private final SetRewrite rewrite = new SetRewrite(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets, fixture.clock);
    private final EncryptHandler encrypt = new EncryptHandler(rewrite);
    private final DecryptHandler decrypt = new DecryptHandler(rewrite);
    private final RemoveHandler remove = new RemoveHandler(
            fixture.access, fixture.queue, fixture.sets,
            new ExpireSet(fixture.sets, new SetUsers(fixture.runs, fixture.clock), fixture.configuration));

    @BeforeAll
    static void start() {
        server = MysqlInstance.start();
        server.sql("mysql", "CREATE DATABASE crm; CREATE TABLE crm.c (i int PRIMARY KEY); CREATE DATABASE shop;"
                + " CREATE TABLE shop.s (i int PRIMARY KEY); CREATE TABLE shop.log (i int PRIMARY KEY); CREATE DATABASE wiki;"
                + " CREATE TABLE wiki.w (i int PRIMARY KEY)");
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

    /** Of another night. */
    private String backedUp(Map<String, String> more) {
        fixture.clock.set(fixture.clock.instant().plus(Duration.ofDays(1)));
        Map<String, String> parameters = new HashMap<>(Map.of("source", "maria", "store", "store", "onError", "continue"));
        parameters.putAll(more);
        Ended ended = fixture.run(backup, parameters);
        return ended.run().set().filter(id -> fixture.sets.find(id).isPresent())
                .orElseThrow(() -> new AssertionError(ended.problem()));
    }

    /** While these databases, or {@code globals}, cannot be stored. */
    private String backedUpWithout(Set<String> failing, Map<String, String> more) {
        fixture.wrapStore(store -> failing(store, failing));
        try {
            return backedUp(more);
        } finally {
            fixture.wrapStore(store -> store);
        }
    }

    private static BlobStore failing(BlobStore store, Set<String> failing) {
        return (BlobStore) Proxy.newProxyInstance(
                LackingSetsTest.class.getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
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

    private String made(RunHandler handler, String set, Map<String, String> more) {
        Map<String, String> parameters = new HashMap<>(more);
        parameters.put("set", set);
        Ended ended = fixture.run(handler, parameters);
        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
        return fixture.sets.list(Optional.of("maria"), Optional.empty(), 100).stream()
                .filter(made -> made.run().equals(ended.run().id()))
                .map(BackupSetView::id)
                .findFirst()
                .orElseThrow();
    }

    /** As {@code encrypt --replace} does. */
    private String encrypted(String set) {
        String secret = made(encrypt, set, Map.of("encrypt", "office"));
        assertThat(fixture.run(remove, Map.of("set", set, "confirm", set)).run().state()).isEqualTo(RunState.SUCCEEDED);
        return secret;
    }

    private List<String> kept(int last) {
        return kept(fixture, last);
    }

    private static List<String> kept(RunFixture fixture, int last) {
        SetUsers users = new SetUsers(fixture.runs, fixture.clock);
        Leftovers leftovers = new Leftovers(fixture.sets, fixture.runs, fixture.clock);
        RetentionHandler retention = new RetentionHandler(
                fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets,
                new RetentionDecider(fixture.sets, fixture.runs, users, leftovers, fixture.queue, fixture.clock),
                new ExpireSet(fixture.sets, users, fixture.configuration), leftovers, fixture.clock);
        Ended ended =
                fixture.run(retention, Map.of("source", "maria", "store", "store", "last", Integer.toString(last)));
        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
        return fixture.sets.list(Optional.of("maria"), Optional.empty(), 100).stream().map(BackupSetView::id).toList();
    }

    @Test
    void encrypted_sets_of_different_chosen_databases_push_out_none_of_each_other() {
        String crm = encrypted(backedUp(Map.of("databases", "crm")));
        String wiki = encrypted(made(decrypt, encrypted(backedUp(Map.of("databases", "wiki"))), Map.of()));
        String rest = backedUp(Map.of("exclude", "crm,wiki"));
        String secret = made(encrypt, rest, Map.of("encrypt", "office"));

        assertThat(kept(1)).hasSize(5).contains(crm, wiki, rest, secret);

        String newer = backedUp(Map.of("databases", "crm"));
        assertThat(kept(1)).as("of the same databases").hasSize(5).contains(newer, wiki, rest, secret).doesNotContain(crm);
    }

    @Test
    void a_set_from_which_more_databases_failed_pushes_out_none_that_has_them() {
        String first = backedUpWithout(Set.of("crm"), Map.of());
        String second = encrypted(backedUpWithout(Set.of("crm"), Map.of()));
        String third = backedUpWithout(Set.of("crm", "shop"), Map.of());
        String fourth = backedUpWithout(Set.of("crm", "shop"), Map.of());

        assertThat(kept(2)).containsExactlyInAnyOrder(fourth, third, second, first);

        String fifth = backedUpWithout(Set.of("shop"), Map.of());
        assertThat(kept(1)).as("each has what another one lacks").containsExactlyInAnyOrder(fifth, second);
        String whole = backedUp(Map.of());
        assertThat(kept(1)).containsExactly(whole);
    }

    @Test
    void a_set_whose_accounts_failed_pushes_out_none_that_has_them_whatever_both_leave_out() {
        for (Map<String, String> left : List.of(Map.of("excludeTableData", "shop.log"), Map.of("exclude", "wiki"), Map.of("contents", "schema"))) {
            String with = backedUp(left);
            String without = encrypted(backedUpWithout(Set.of("globals"), left));
            assertThat(kept(1)).as(left.toString()).contains(without, with);

            String again = backedUp(left);
            assertThat(kept(1)).as(left.toString()).contains(again).doesNotContain(without, with);
        }
    }

    @Test
    void without_accounts_or_without_a_database_is_not_the_same_either() {
        String accounts = backedUpWithout(Set.of("crm"), Map.of());
        String crm = backedUpWithout(Set.of("globals"), Map.of());

        assertThat(kept(1)).containsExactly(crm, accounts);
    }

    @Test
    void what_was_made_of_a_set_leads_to_its_backup_without_the_runs_that_made_it() {
        BackupSetView chosen = fixture.sets.get(backedUp(Map.of("databases", "wiki")));
        BackupSetView secret = fixture.sets.get(made(encrypt, chosen.id(), Map.of("encrypt", "office")));
        BackupSetView clear = fixture.sets.get(made(decrypt, secret.id(), Map.of()));
        fixture.catalog.change("delete from run where operation in ('ENCRYPT', 'DECRYPT')");

        Set<String> lacks = Set.of("roles or accounts", "some databases (databases wiki)");
        assertThat(Lacks.of(fixture.runs, secret, List.of(secret))).isEqualTo(lacks);
        assertThat(Lacks.of(fixture.runs, clear, List.of(clear, chosen))).isEqualTo(lacks);
        assertThat(Lacks.of(fixture.runs, clear, List.of(clear))).as("nothing tells").doesNotContain("some databases (databases wiki)");
    }

    @Test
    void of_sets_of_older_versions_their_backup_says_what_they_do_not_say() {
        String chosen = backedUp(Map.of("databases", "wiki"));
        String rows = backedUp(Map.of("contents", "data"));
        String tables = backedUp(Map.of("excludeTableData", "shop.log"));
        String failed = backedUpWithout(Set.of("crm"), Map.of());
        String accounts = backedUpWithout(Set.of("globals"), Map.of());
        fixture.catalog.change("update backup_set set globals = null, missing_databases = null");

        assertThat(lacks(chosen)).containsExactlyInAnyOrder("roles or accounts", "some databases (databases wiki)");
        assertThat(lacks(rows)).containsExactlyInAnyOrder("roles or accounts", "definitions");
        assertThat(lacks(tables)).containsExactly("rows of some tables");
        assertThat(lacks(failed)).containsExactly("database crm");
        assertThat(lacks(accounts)).containsExactly("what failed");
    }

    private Set<String> lacks(String set) {
        return Lacks.of(fixture.runs, fixture.sets.get(set), List.of());
    }

    /** That has no run which would name the databases. */
    @Test
    void in_a_catalog_that_has_found_the_sets_one_with_more_failures_pushes_out_none_with_fewer() {
        String fewer = backedUpWithout(Set.of("crm"), Map.of());
        String more = backedUpWithout(Set.of("crm", "shop"), Map.of());
        SourceConfig maria = fixture.configuration.source("maria");
        // whose catalog takes the place of this one
        try (RunFixture other = new RunFixture(new MariadbEngine())) {
            other.clock.set(fixture.clock.instant());
            other.configuration.save(maria);
            other.configuration.save(new StoreConfig("store", "file", Map.of("path", fixture.storePath.toString())));
            for (String id : List.of(fewer, more)) {
                ManifestFile found = BlobSetReader.file(other.store(), BackupSetView.prefix("maria", id), Optional.empty());
                other.sets.enter(found.header(), "store", Optional.empty(), found.sha256());
            }

            assertThat(kept(other, 1)).containsExactly(more, fewer);
        }
    }
}
