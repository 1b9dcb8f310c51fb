package io.dbbackup.service.retention;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.catalog.BackupSets;
import io.dbbackup.engine.mysql.MariadbEngine;
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
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
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

    /** As a restore that replaces a database is when its first table has moved. */
    private void kill(String database) {
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
        return (BlobStore) Proxy.newProxyInstance(
                BesideRestoreTest.class.getClassLoader(), new Class<?>[] {BlobStore.class}, (proxy, method, arguments) -> {
                    if (method.getName().equals("create") && arguments[0].toString().contains(blob)) {
                        throw new Killed();
                    }
                    try {
                        return method.invoke(store, arguments);
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
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
}
