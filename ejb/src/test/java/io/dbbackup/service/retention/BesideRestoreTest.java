package io.dbbackup.service.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.engine.mysql.MariadbEngine;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Json;
import io.dbbackup.model.Omission;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.RetentionPolicy;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.model.manifest.SetHeader;
import io.dbbackup.service.backup.BackupHandler;
import io.dbbackup.service.backup.BackupSealer;
import io.dbbackup.service.backup.SourceCheck;
import io.dbbackup.service.copy.CopyFixture;
import io.dbbackup.service.restore.RestoreHandler;
import io.dbbackup.service.restore.RestoreSealer;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.service.set.BlobSetReader;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.throwaway.MysqlInstance;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Backups of a server on which a restore was killed half-way never cost the good ones that were taken before. */
class BesideRestoreTest {
    private static final String MARKS = "dbbackup_restoring_0badcafe_0";

    private final MysqlInstance server = MysqlInstance.start();
    private final RunFixture fixture = new RunFixture(new MariadbEngine());
    private final BackupHandler backup = new BackupHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets,
            new BackupSealer(fixture.queue, fixture.runs, fixture.sets, fixture.clock), CopyFixture.ofBackups(fixture));
    private final RestoreHandler restore = new RestoreHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.sets, new RestoreSealer(fixture.queue, fixture.runs));
    private final SetUsers users = new SetUsers(fixture.runs, fixture.clock);
    private final Leftovers leftovers = new Leftovers(fixture.sets, fixture.runs, fixture.clock);
    private final RetentionHandler retention = new RetentionHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets,
            new RetentionDecider(fixture.sets, fixture.runs, users, leftovers, fixture.queue, fixture.clock),
            new ExpireSet(fixture.sets, users, fixture.configuration), leftovers, fixture.clock);

    @BeforeEach
    void configure() throws IOException {
        Path password = Files.writeString(fixture.storePath.resolveSibling("password"), server.password());
        fixture.configuration.save(new SourceConfig(
                "maria", "mariadb", server.host(), server.port(), server.user(),
                Optional.of(new SecretRef(SecretRef.Kind.FILE, password.toString())), "", Optional.of("UTC"),
                Map.of("sslMode", "DISABLED")));
        fixture.configuration.save(new PolicyConfig(
                "nightly", "maria", "store", List.of(), List.of(), "zstd", 1, 1 << 20, 1, true, false,
                Optional.of(new RetentionPolicy(1, 1, 0, 0, 0, 1, Optional.empty()))));
        server.sql("mysql", "CREATE DATABASE shop; CREATE TABLE shop.a (i int PRIMARY KEY); CREATE TABLE shop.b (i int PRIMARY KEY);"
                + " INSERT INTO shop.b VALUES (1); CREATE DATABASE crm; CREATE TABLE crm.c (i int PRIMARY KEY)");
    }

    @AfterEach
    void close() {
        fixture.close();
        server.close();
    }

    private BackupSetView backedUp(RunState state) {
        fixture.clock.set(fixture.clock.instant().plus(Duration.ofHours(1)));
        Ended ended = fixture.run(backup, Map.of("policy", "nightly"));
        assertThat(ended.run().state()).as(ended.problem() + ended.warnings()).isEqualTo(state);
        return fixture.sets.get(ended.run().set().orElseThrow());
    }

    /** As a restore that replaces a database is when its first table has moved; another one, where there was one. */
    private void kill(String database) {
        server.sql("mysql", "DROP DATABASE IF EXISTS " + MARKS);
        server.sql("mysql", "CREATE DATABASE " + MARKS + "; CREATE TABLE " + MARKS + ".dbbackup_restore_into (name varchar(64) PRIMARY KEY);"
                + " INSERT INTO " + MARKS + ".dbbackup_restore_into VALUES ('" + database + "')");
    }

    private void retain() {
        Ended ended = fixture.run(retention, Map.of("policy", "nightly"));
        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
    }

    private List<String> listed() {
        return fixture.sets.list(Optional.of("maria"), Optional.empty(), 100).stream().map(BackupSetView::id).toList();
    }

    @Test
    void a_set_that_may_hold_a_part_of_a_database_pushes_out_no_good_one() {
        BackupSetView good = backedUp(RunState.SUCCEEDED);
        kill("shop");
        server.sql("mysql", "DROP TABLE shop.b");
        BackupSetView part = backedUp(RunState.SUCCEEDED_WITH_WARNINGS);

        retain();

        assertThat(listed()).containsExactly(part.id(), good.id());
        assertThat(part.complete()).isFalse();
        assertThat(part.omissions()).containsExactly(Omission.UNFINISHED_RESTORE);
        SetHeader header = SetHeader.of(BlobSetReader.open(fixture.store(), part.prefix()).manifest());
        assertThat(Json.read(Json.write(header), SetHeader.class).omissions()).isEqualTo(part.omissions());
        assertThat(Json.read(Json.write(header), SetHeader.class).sourceDatabases()).contains(2);
        assertThat(Json.read(Json.write(header), SetHeader.class).databasesBesideRestore()).containsExactly("shop");
        BackupSets.Resolved latest = fixture.sets.resolve("latest:maria", Optional.empty());
        assertThat(latest.set().id()).isEqualTo(good.id());
        assertThat(latest.warnings()).singleElement().asString().contains(part.id(), "unfinished restore");
        for (Map.Entry<String, Boolean> chosen : Map.of("crm", false, "shop", true).entrySet()) {
            Ended restored = fixture.run(restore, Map.of(
                    "set", part.id(), "target", "maria", "databases", chosen.getKey() + "=back_" + chosen.getKey(), "globals", "none"));
            assertThat(restored.warnings().stream().anyMatch(warning -> warning.contains("unfinished restore")))
                    .as(chosen + " " + restored.warnings()).isEqualTo(chosen.getValue());
        }

        // it was restarted, and has ended
        server.sql("mysql", "DROP DATABASE " + MARKS + "; CREATE TABLE shop.b (i int PRIMARY KEY); DROP DATABASE back_shop; DROP DATABASE back_crm");
        BackupSetView whole = backedUp(RunState.SUCCEEDED);
        retain();
        assertThat(listed()).containsExactly(whole.id());
        assertThat(whole.complete()).isTrue();
    }

    @Test
    void a_restart_says_of_what_it_reads_anew_only_what_is_so_now_and_of_the_rest_what_was_so_then() {
        for (String blob : List.of("schema", "manifest.json")) {
            kill("shop");
            fixture.wrapStore(store -> dying(store, blob));
            UUID run = fixture.create(backup, Map.of("policy", "nightly"));
            assertThatThrownBy(() -> fixture.execute(backup, run)).isInstanceOf(Killed.class);
            fixture.wrapStore(store -> store);
            server.sql("mysql", "DROP DATABASE " + MARKS);

            Ended restarted = fixture.execute(backup, run);

            boolean beside = blob.equals("manifest.json");
            assertThat(restarted.run().state()).as(blob + restarted.problem() + restarted.warnings())
                    .isEqualTo(beside ? RunState.SUCCEEDED_WITH_WARNINGS : RunState.SUCCEEDED);
            assertThat(fixture.sets.get(restarted.run().set().orElseThrow()).complete()).as(blob).isEqualTo(!beside);
            fixture.clock.set(fixture.clock.instant().plus(Duration.ofHours(1)));
        }
    }

    private static BlobStore dying(BlobStore store, String blob) {
        return before(store, blob, name -> {
            throw new Killed();
        });
    }

    private static final class Killed extends Error {
        private static final long serialVersionUID = 1L;
    }

    @Test
    void who_looks_what_a_backup_would_meet_is_told() {
        kill("shop");
        SourceCheck.Outlook outlook = new SourceCheck(fixture.configuration, fixture.access).outlooks("maria").get(0);
        assertThat(outlook.problem()).isEmpty();
        assertThat(outlook.warnings()).singleElement().asString().contains("unfinished restore");
    }

    @Test
    void a_set_without_a_database_that_a_restore_is_just_replacing_is_no_complete_one_either() {
        BackupSetView good = backedUp(RunState.SUCCEEDED);
        kill("shop");
        server.sql("mysql", "DROP DATABASE shop");
        BackupSetView without = backedUp(RunState.SUCCEEDED_WITH_WARNINGS);

        retain();

        assertThat(listed()).containsExactly(without.id(), good.id());
        assertThat(without.omissions()).containsExactly(Omission.UNFINISHED_RESTORE);
    }

    @Test
    void of_sets_beside_the_same_restore_none_from_which_something_failed_pushes_out_one_without_failures() {
        kill("shop");
        List<String> kept = new ArrayList<>(List.of(backedUp(RunState.SUCCEEDED_WITH_WARNINGS).id()));
        for (String failing : List.of("crm", "globals")) {
            fixture.wrapStore(store -> failing(store, failing));
            fixture.clock.set(fixture.clock.instant().plus(Duration.ofHours(1)));
            Ended ended = fixture.run(backup, Map.of("policy", "nightly", "onError", "continue"));
            fixture.wrapStore(store -> store);
            assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.FAILED);
            kept.add(0, ended.run().set().orElseThrow());

            retain();

            assertThat(listed()).as(failing + ended.problem()).isEqualTo(kept);
        }
        BackupSetView newer = backedUp(RunState.SUCCEEDED_WITH_WARNINGS);
        retain();
        assertThat(listed()).as("as good, and newer").containsExactly(newer.id());
    }

    private static BlobStore failing(BlobStore store, String blob) {
        return before(store, blob, name -> {
            throw new BackupException(ErrorCode.STORE_ACCESS_DENIED, "may not write " + name, "Allow it.");
        });
    }

    @Test
    void a_set_beside_a_restore_pushes_out_none_that_has_whole_what_it_has_not() {
        kill("shop");
        BackupSetView wholeCrm = backedUp(RunState.SUCCEEDED_WITH_WARNINGS);
        kill("crm");
        BackupSetView wholeShop = backedUp(RunState.SUCCEEDED_WITH_WARNINGS);
        retain();
        assertThat(listed()).containsExactly(wholeShop.id(), wholeCrm.id());

        server.sql("mysql", "DROP DATABASE crm");
        BackupSetView withoutCrm = backedUp(RunState.SUCCEEDED_WITH_WARNINGS);
        retain();
        assertThat(listed()).as("that may lack more than it says").containsExactly(withoutCrm.id(), wholeShop.id(), wholeCrm.id());
        BackupSetView again = backedUp(RunState.SUCCEEDED_WITH_WARNINGS);
        retain();
        assertThat(listed()).containsExactly(again.id(), wholeShop.id(), wholeCrm.id());

        server.sql("mysql", "DROP DATABASE " + MARKS);
        BackupSetView whole = backedUp(RunState.SUCCEEDED);
        retain();
        assertThat(listed()).containsExactly(whole.id());
    }

    /** The warning that it is no complete one is of its preflight; the work was planned before. */
    @Test
    void a_restart_that_finds_a_restore_into_a_database_that_is_just_not_there_makes_no_complete_set() {
        fixture.wrapStore(store -> dying(store, "schema"));
        UUID run = fixture.create(backup, Map.of("policy", "nightly"));
        assertThatThrownBy(() -> fixture.execute(backup, run)).isInstanceOf(Killed.class);
        fixture.wrapStore(store -> store);
        kill("gone");

        Ended restarted = fixture.execute(backup, run);

        assertThat(restarted.warnings()).singleElement().asString().contains("\"gone\"", "does not count as a complete one");
        assertThat(fixture.sets.get(restarted.run().set().orElseThrow()).complete()).isFalse();
    }

    @Test
    void marks_that_come_after_the_preflight_and_cannot_be_read_make_no_complete_set() throws IOException {
        server.sql("mysql", "CREATE USER blind@'127.0.0.1' IDENTIFIED BY 'blind'; GRANT RELOAD, BINLOG MONITOR ON *.* TO blind@'127.0.0.1';"
                + " GRANT SELECT ON mysql.proc TO blind@'127.0.0.1'; GRANT INSERT ON `dbbackup\\_restoring\\_%`.* TO blind@'127.0.0.1';"
                + " GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON shop.* TO blind@'127.0.0.1'; GRANT SELECT, SHOW VIEW, TRIGGER, EVENT ON crm.* TO blind@'127.0.0.1'");
        Path password = Files.writeString(fixture.storePath.resolveSibling("blind"), "blind");
        fixture.configuration.save(new SourceConfig(
                "maria", "mariadb", server.host(), server.port(), "blind",
                Optional.of(new SecretRef(SecretRef.Kind.FILE, password.toString())), "", Optional.of("UTC"), Map.of("sslMode", "DISABLED")));
        fixture.configuration.save(new PolicyConfig(
                "nightly", "maria", "store", List.of("crm", "shop"), List.of(), "zstd", 1, 1 << 20, 1, true, false, Optional.empty()));
        AtomicBoolean begun = new AtomicBoolean();
        fixture.wrapStore(store -> before(store, "schema", name -> {
            if (begun.compareAndSet(false, true)) {
                kill("shop");
            }
        }));

        BackupSetView set = backedUp(RunState.SUCCEEDED_WITH_WARNINGS);

        assertThat(set.complete()).isFalse();
        assertThat(fixture.runs.warnings(set.run())).singleElement().asString().contains("may not read the marks");
    }

    /** Does something before blobs of a name are created. */
    private static BlobStore before(BlobStore store, String blob, Consumer<String> action) {
        return (BlobStore) Proxy.newProxyInstance(
                BesideRestoreTest.class.getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("create") && arguments[0].toString().contains(blob)) {
                        action.accept(arguments[0].toString());
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                });
    }
}
