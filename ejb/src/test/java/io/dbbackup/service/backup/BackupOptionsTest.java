package io.dbbackup.service.backup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.BackupSetView;
import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Omission;
import io.dbbackup.model.PolicyConfig;
import io.dbbackup.model.RetentionPolicy;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.service.copy.CopyFixture;
import io.dbbackup.service.restore.RestoreHandler;
import io.dbbackup.service.restore.RestoreSealer;
import io.dbbackup.service.retention.ExpireSet;
import io.dbbackup.service.retention.Leftovers;
import io.dbbackup.service.retention.RetentionDecider;
import io.dbbackup.service.retention.RetentionHandler;
import io.dbbackup.service.retention.SetUsers;
import io.dbbackup.service.run.Parameters;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Partial sets in the catalog, and scripts before and after runs, with a real server. */
class BackupOptionsTest {
    private static PostgresInstance server;

    private final RunFixture fixture = new RunFixture(new PostgresEngine());
    private final BackupHandler backup = new BackupHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets,
            new BackupSealer(fixture.queue, fixture.runs, fixture.sets, fixture.clock), CopyFixture.ofBackups(fixture));
    private final RestoreHandler restore = new RestoreHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.sets,
            new RestoreSealer(fixture.queue, fixture.runs));
    private Path hooks;
    private Path said;

    @BeforeAll
    static void start() {
        server = PostgresInstance.builder().start();
        server.psql("postgres", "CREATE DATABASE shop");
        server.psql("postgres", "CREATE DATABASE crm");
        server.psql("shop", "CREATE TABLE t (i int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 100)");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void configure() throws IOException {
        Path password = Files.writeString(fixture.storePath.resolveSibling("password"), server.password());
        fixture.configuration.save(new SourceConfig(
                "pg", "postgresql", server.host(), server.port(), server.user(),
                Optional.of(new SecretRef(SecretRef.Kind.FILE, password.toString())), "postgres", Optional.of("UTC"),
                Map.of("sslmode", "disable")));
        hooks = Files.createDirectory(
                fixture.storePath.resolveSibling("hooks"),
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwxr-xr-x")));
        said = fixture.storePath.resolveSibling("said");
        System.setProperty("dbbackup.hook.directory", hooks.toString());
    }

    @AfterEach
    void close() {
        System.clearProperty("dbbackup.hook.directory");
        fixture.close();
    }

    private void script(String name, String body) throws IOException {
        Files.writeString(hooks.resolve(name), "#!/bin/sh\n" + body + "\n");
        Files.setPosixFilePermissions(hooks.resolve(name), PosixFilePermissions.fromString("rwx------"));
    }

    private Ended backUp(String... more) {
        Map<String, String> parameters = new HashMap<>(
                Map.of("source", "pg", "store", "store", "databases", "shop", "workers", "1"));
        for (int i = 0; i < more.length; i += 2) {
            parameters.put(more[i], more[i + 1]);
        }
        return fixture.run(backup, parameters);
    }

    private List<String> lines() throws IOException {
        return Files.exists(said) ? Files.readAllLines(said) : List.of();
    }

    @Test
    void a_partial_set_is_known_as_one_and_is_never_the_latest() {
        assertThatThrownBy(() -> fixture.sets.get("latest:pg")).isInstanceOf(BackupException.class);
        Ended whole = backUp();
        assertThat(fixture.sets.get("latest:pg").omissions()).as("there is none with more").containsExactly(Omission.SOME_DATABASES);
        fixture.clock.set(Instant.parse("2026-11-21T23:32:00Z"));
        Ended partial = backUp("contents", "schema", "excludeTables", "x");
        assertThat(partial.run().state()).as(partial.problem()).isEqualTo(RunState.SUCCEEDED_WITH_WARNINGS);
        assertThat(partial.warnings()).as("a pattern that matches nothing").anyMatch(warning -> warning.contains("x"));
        BackupSetView set = fixture.sets.get(partial.run().set().orElseThrow());
        assertThat(set.complete()).isFalse();
        assertThat(set.omissions()).containsExactly(Omission.ALL_ROWS, Omission.SOME_TABLES, Omission.SOME_DATABASES);
        assertThat(partial.run().label()).contains("schema only");
        assertThat(fixture.sets.get("latest:pg").id()).isEqualTo(whole.run().set().orElseThrow());
        Ended restored = fixture.run(restore, Map.of("set", set.id(), "target", "pg", "databases", "shop=of_part"));
        assertThat(restored.run().state()).as(restored.problem()).isEqualTo(RunState.SUCCEEDED_WITH_WARNINGS);
        assertThat(restored.warnings()).anyMatch(warning -> warning.contains("partial"));
        assertThat(server.psql("of_part", "SELECT count(*) FROM t").strip()).isEqualTo("0");
        for (String wrong : List.of("a.b.c.d", "\"open", "a..b")) {
            assertThatThrownBy(() -> backUp("includeTables", "[" + io.dbbackup.model.Json.write(wrong) + "]"))
                    .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code())
                            .isEqualTo(ErrorCode.INVALID_PARAMETER));
        }
    }

    /** Rows that are just being replaced by those of a data-only set are a part only. */
    @Test
    void a_set_that_was_taken_beside_an_unfinished_restore_of_rows_is_no_complete_one() {
        policy(List.of(), List.of());
        Ended whole = nightly();
        server.psql("shop", "CREATE SCHEMA dbbackup_restore; CREATE TABLE dbbackup_restore.item (item bigint); COMMENT ON SCHEMA dbbackup_restore IS 'dbbackup run 4711'");
        try {
            fixture.clock.set(fixture.clock.instant().plus(Duration.ofHours(1)));
            Ended beside = nightly();
            assertThat(beside.run().state()).as(beside.problem()).isEqualTo(RunState.SUCCEEDED_WITH_WARNINGS);
            assertThat(beside.warnings()).singleElement().asString().contains("\"shop\"", "unfinished restore", "run 4711");
            BackupSetView set = fixture.sets.get(beside.run().set().orElseThrow());
            assertThat(set.complete()).isFalse();
            assertThat(set.omissions()).containsExactly(Omission.UNFINISHED_RESTORE);
            assertThat(fixture.sets.get("latest:pg").id()).isEqualTo(whole.run().set().orElseThrow());
            Ended restored = fixture.run(restore, Map.of(
                    "set", set.id(), "target", "pg", "databases", "shop=back", "globals", "none"));
            assertThat(restored.run().state()).as(restored.problem()).isEqualTo(RunState.SUCCEEDED_WITH_WARNINGS);
            assertThat(restored.warnings()).singleElement().asString().contains("unfinished restore", "a part of it only");
            assertThat(server.psql("back", "SELECT count(*) || ' ' || (to_regnamespace('dbbackup_restore') IS NULL) FROM t").strip())
                    .isEqualTo("100 true");
            server.psql("postgres", "DROP DATABASE back");
        } finally {
            server.psql("shop", "DROP SCHEMA dbbackup_restore CASCADE");
        }
    }

    /** What an administrator takes by hand under the name of a policy must not push out what the policy took. */
    @Test
    void a_set_of_chosen_databases_never_stands_for_the_whole_one_of_its_policy() {
        policy(List.of(), List.of());
        fixture.clock.set(Instant.parse("2026-01-31T02:00:00Z"));
        Ended whole = nightly();
        assertThat(whole.run().state()).as(whole.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(fixture.sets.get(whole.run().set().orElseThrow()).complete()).isTrue();
        for (Map.Entry<String, String> choice : Map.of("databases", "shop", "exclude", "crm").entrySet()) {
            fixture.clock.set(fixture.clock.instant().plus(Duration.ofHours(8)));
            Ended part = nightly(choice.getKey(), choice.getValue());
            assertThat(part.run().state()).as(part.problem()).isEqualTo(RunState.SUCCEEDED);
            assertThat(part.run().label()).as("they do not run side by side").isEqualTo(whole.run().label());
            BackupSetView set = fixture.sets.get(part.run().set().orElseThrow());
            assertThat(set.complete()).as(choice.getKey()).isFalse();
            assertThat(set.omissions()).containsExactly(Omission.SOME_DATABASES);
            assertThat(fixture.sets.get("latest:pg").id()).isEqualTo(whole.run().set().orElseThrow());
            Ended restored = fixture.run(restore, Map.of(
                    "set", set.id(), "target", "pg", "databases", "shop=back", "globals", "none"));
            assertThat(restored.run().state()).as("what it holds is whole: " + restored.problem()).isEqualTo(RunState.SUCCEEDED);
            server.psql("postgres", "DROP DATABASE back");
        }

        Ended retained = fixture.run(retention(), Map.of("policy", "nightly"));

        assertThat(retained.run().state()).as(retained.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(fixture.sets.list(Optional.of("pg"), Optional.empty(), 9)).as("last keeps the newest of each choice").hasSize(3)
                .last().extracting(BackupSetView::id).isEqualTo(whole.run().set().orElseThrow());
    }

    /** They take no complete day's place either, and those of one database no place of those of another. */
    @Test
    void sets_of_chosen_databases_push_out_neither_days_with_whole_ones_nor_each_other() {
        policy(List.of(), List.of());
        Map<String, String> rules = Map.of("source", "pg", "store", "store", "daily", "2");
        List<String> kept = new ArrayList<>();
        for (String database : List.of("", "", "crm", "shop", "crm", "shop")) {
            fixture.clock.set(fixture.clock.instant().plus(Duration.ofDays(1)));
            Ended ended = database.isEmpty() ? nightly() : nightly("databases", database);
            kept.add(ended.run().set().orElseThrow());
        }
        assertThat(retained(rules)).containsExactlyInAnyOrderElementsOf(kept);

        fixture.clock.set(fixture.clock.instant().plus(Duration.ofDays(1)));
        kept.add(nightly("databases", "crm").run().set().orElseThrow());
        kept.remove(2);
        assertThat(retained(rules)).containsExactlyInAnyOrderElementsOf(kept);
        for (int day = 0; day < 2; day++) {
            fixture.clock.set(fixture.clock.instant().plus(Duration.ofDays(1)));
            kept.add(nightly().run().set().orElseThrow());
        }
        assertThat(retained(rules)).as("whole ones stand for all").containsExactlyInAnyOrderElementsOf(kept.subList(6, 8));
    }

    private List<String> retained(Map<String, String> rules) {
        Ended ended = fixture.run(retention(), rules);
        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
        return fixture.sets.list(Optional.of("pg"), Optional.empty(), 99).stream().map(BackupSetView::id).toList();
    }

    @Test
    void a_set_leaves_databases_out_when_it_takes_less_than_its_policy_did_or_without_one_its_source_has() {
        policy(List.of("shop", "crm"), List.of());
        assertThat(some("policy", "nightly")).isFalse();
        assertThat(some("policy", "nightly", "databases", "crm,shop")).as("the same").isFalse();
        fixture.configuration.save(new SourceConfig(
                "other", "postgresql", server.host(), server.port(), server.user(), Optional.empty(), "postgres", Optional.empty(), Map.of()));
        assertThat(some("policy", "nightly", "source", "other")).as("of a source of which the policy does not speak").isTrue();
        assertThat(some("policy", "nightly", "source", "other", "databases", "[]")).isFalse();
        assertThat(some("policy", "nightly", "databases", "crm,shop,more")).as("more").isFalse();
        assertThat(some("policy", "nightly", "databases", "[]")).as("all").isFalse();
        assertThat(some("policy", "nightly", "databases", "[]", "exclude", "other")).isFalse();
        assertThat(some("policy", "nightly", "databases", "[]", "exclude", "crm")).isTrue();
        assertThat(some("policy", "nightly", "databases", "shop,more")).isTrue();
        policy(List.of(), List.of("scratch", "temporary"));
        assertThat(some("policy", "nightly")).isFalse();
        assertThat(some("policy", "nightly", "exclude", "scratch")).as("more").isFalse();
        assertThat(some("policy", "nightly", "exclude", "[]")).as("more").isFalse();
        assertThat(some("policy", "nightly", "exclude", "scratch,shop")).isTrue();
        assertThat(some("policy", "nightly", "exclude", "[]", "databases", "shop,crm")).as("accounts and roles, too").isTrue();
        assertThat(some("source", "pg", "store", "store")).isFalse();
        assertThat(some("source", "pg", "store", "store", "databases", "shop")).isTrue();
        assertThat(some("source", "pg", "store", "store", "exclude", "shop")).isTrue();
        assertThatThrownBy(() -> some("policy", "nightly", "someDatabases", "false"))
                .as("nobody says so but we").isInstanceOf(BackupException.class);
    }

    private boolean some(String... parameters) {
        Map<String, String> given = new HashMap<>();
        for (int i = 0; i < parameters.length; i += 2) {
            given.put(parameters[i], parameters[i + 1]);
        }
        return "true".equals(
                BackupParameters.resolve(new Parameters(given), fixture.configuration).get("someDatabases"));
    }

    private Ended nightly(String... more) {
        Map<String, String> parameters = new HashMap<>(Map.of("policy", "nightly"));
        for (int i = 0; i < more.length; i += 2) {
            parameters.put(more[i], more[i + 1]);
        }
        return fixture.run(backup, parameters);
    }

    /** As configured, and configured anew. */
    private void policy(List<String> databases, List<String> exclude) {
        fixture.configuration.save(new PolicyConfig(
                "nightly", "pg", "store", databases, exclude, "zstd", 1, 1 << 20, 1, true, false,
                Optional.of(new RetentionPolicy(1, 1, 1, 12, 0, 1, Optional.empty()))));
    }

    private RetentionHandler retention() {
        SetUsers users = new SetUsers(fixture.runs, fixture.clock);
        Leftovers leftovers = new Leftovers(fixture.sets, fixture.runs, fixture.clock);
        return new RetentionHandler(
                fixture.configuration, fixture.access, fixture.queue, fixture.runs, fixture.sets,
                new RetentionDecider(fixture.sets, fixture.runs, users, leftovers, fixture.queue, fixture.clock),
                new ExpireSet(fixture.sets, users, fixture.configuration), leftovers, fixture.clock);
    }

    @Test
    void a_codec_or_level_that_there_is_not_is_a_mistake_of_the_caller() {
        for (Map.Entry<String, String> wrong : Map.of("codec", "zip", "level", "99").entrySet()) {
            assertThatThrownBy(() -> backUp(wrong.getKey(), wrong.getValue()))
                    .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code())
                            .isEqualTo(ErrorCode.INVALID_PARAMETER));
        }
    }

    @Test
    void scripts_run_before_and_after_a_backup_and_a_restore_and_know_what_they_are_about() throws IOException {
        script("say.sh", "echo \"$1 $2 $DBBACKUP_SOURCE $DBBACKUP_STORE ${DBBACKUP_SET:-no-set} ${DBBACKUP_TARGET:--}"
                + " ${DBBACKUP_OUTCOME:--}\" >> " + said + "; env | sort > " + said + ".env");
        Ended ended = backUp("hooksBefore", "say.sh", "hooksAfter", "say.sh");
        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
        String set = ended.run().set().orElseThrow();
        assertThat(lines()).containsExactly(
                "before backup pg store no-set - -", "after backup pg store " + set + " - success");
        assertThat(Files.readAllLines(Path.of(said + ".env")))
                .allMatch(line -> line.matches("(DBBACKUP_[A-Z]+|PATH|LC_ALL|PWD|SHLVL|_|OLDPWD)=.*"))
                .noneMatch(line -> line.contains(server.password()));
        Ended restored = fixture.run(restore, Map.of(
                "set", set, "target", "pg", "databases", "shop=hooked", "hooksAfter", "say.sh"));
        assertThat(restored.run().state()).as(restored.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(lines()).last().isEqualTo("after restore pg store " + set + " pg success");
        assertThat(server.psql("hooked", "SELECT count(*) FROM t").strip()).isEqualTo("100");
    }

    @Test
    void a_script_before_that_fails_stops_the_run_and_a_restart_runs_it_again() throws IOException {
        script("before.sh", "echo before >> " + said + "; echo 'the application does not pause'; test -e " + said + ".ok");
        script("after.sh", "echo after $DBBACKUP_OUTCOME $DBBACKUP_EXECUTION >> " + said);
        Ended ended = backUp("hooksBefore", "before.sh", "hooksAfter", "after.sh");
        assertThat(ended.run().problem().orElseThrow().code()).isEqualTo(ErrorCode.HOOK_FAILED);
        assertThat(ended.problem()).contains("before.sh", "exit status 1", "the application does not pause");
        assertThat(fixture.queue.planned(ended.run().id())).isFalse();
        Files.createFile(Path.of(said + ".ok"));
        Ended again = fixture.execute(backup, ended.run().id());
        assertThat(again.run().state()).as(again.problem()).isEqualTo(RunState.SUCCEEDED);
        assertThat(lines()).containsExactly("before", "after failed 1", "before", "after success 2");
    }

    @Test
    void a_script_after_that_fails_is_a_warning_or_a_failure_as_configured() throws IOException {
        script("after.sh", "exit 7");
        Ended warned = backUp("hooksAfter", "after.sh");
        assertThat(warned.run().state()).isEqualTo(RunState.SUCCEEDED_WITH_WARNINGS);
        assertThat(warned.warnings()).singleElement().asString().contains("after.sh", "exit status 7");
        fixture.clock.set(Instant.parse("2026-11-21T23:32:00Z"));
        Ended failed = backUp("hooksAfter", "after.sh", "onHookError", "fail");
        assertThat(failed.run().problem().orElseThrow().code()).isEqualTo(ErrorCode.HOOK_FAILED);
        assertThat(fixture.sets.get("latest:pg").id()).as("what was done is kept").isEqualTo(failed.run().set().orElseThrow());
    }

    @Test
    void a_script_after_that_has_succeeded_since_is_no_warning_any_more() throws IOException {
        script("before.sh", "test -e " + said + ".ok");
        script("after.sh", "test -e " + said + ".ok");
        Ended failed = backUp("hooksBefore", "before.sh", "hooksAfter", "after.sh");
        assertThat(failed.warnings()).singleElement().asString().contains("after.sh");
        Files.createFile(Path.of(said + ".ok"));

        Ended again = fixture.execute(backup, failed.run().id());

        assertThat(again.warnings()).isEmpty();
        assertThat(again.run().state()).as(again.problem()).isEqualTo(RunState.SUCCEEDED);
    }

    @Test
    void a_stop_while_the_scripts_after_run_leaves_none_of_them_out() throws Exception {
        Path pipe = fixture.storePath.resolveSibling("pipe");
        assertThat(new ProcessBuilder("mkfifo", pipe.toString()).start().waitFor()).isZero();
        script("tell.sh", "cat " + pipe + " > /dev/null && echo told >> " + said);
        script("resume.sh", "echo resumed >> " + said);
        UUID run = fixture.create(backup, Map.of(
                "source", "pg", "store", "store", "databases", "shop", "workers", "1", "hooksAfter", "tell.sh,resume.sh"));
        CompletableFuture<Ended> ended = CompletableFuture.supplyAsync(() -> fixture.execute(backup, run));
        // opening waits for the script that reads
        try (OutputStream out = Files.newOutputStream(pipe)) {
            fixture.executions.get(run).cancellation().cancel();
            out.write(1);
        }
        assertThat(ended).succeedsWithin(Duration.ofMinutes(1));
        assertThat(lines()).containsExactly("told", "resumed");
    }

    @Test
    void a_script_that_takes_too_long_is_killed_with_what_it_started_and_its_output_is_bounded() throws IOException {
        script("slow.sh", "sleep 600 & echo $! > " + said + "; i=0; while [ $i -lt 3000 ]; do echo line $i; i=$((i+1)); done; wait");
        Instant begin = Instant.now();
        Ended ended = backUp("hooksBefore", "slow.sh", "hookTimeoutSeconds", "1");
        assertThat(ended.problem()).contains("slow.sh", "killed after 1 s", "line 2999").hasSizeLessThan(2000);
        assertThat(Duration.between(begin, Instant.now())).isLessThan(Duration.ofSeconds(30));
        long child = Long.parseLong(lines().get(0));
        assertThat(ProcessHandle.of(child).map(ProcessHandle::onExit).orElse(CompletableFuture.completedFuture(null)))
                .succeedsWithin(Duration.ofSeconds(20));
    }

    @Test
    void only_scripts_that_nobody_else_can_change_are_allowed() throws IOException {
        script("open.sh", "true");
        Files.setPosixFilePermissions(hooks.resolve("open.sh"), PosixFilePermissions.fromString("rwxrwxrwx"));
        script("plain.sh", "true");
        Files.setPosixFilePermissions(hooks.resolve("plain.sh"), PosixFilePermissions.fromString("rw-r--r--"));
        Files.createSymbolicLink(hooks.resolve("link.sh"), Path.of("/bin/true"));
        for (String name : List.of("open.sh", "plain.sh", "link.sh", "missing.sh")) {
            assertRefused(name, ErrorCode.HOOK_REFUSED);
        }
        assertRefused("../hooks/plain.sh", ErrorCode.INVALID_PARAMETER);
        script("good.sh", "true");
        Files.setPosixFilePermissions(hooks, PosixFilePermissions.fromString("rwxrwxrwx"));
        assertRefused("good.sh", ErrorCode.HOOK_REFUSED);
        System.clearProperty("dbbackup.hook.directory");
        assertRefused("good.sh", ErrorCode.HOOK_REFUSED);
    }

    private void assertRefused(String name, ErrorCode code) {
        assertThatThrownBy(() -> backUp("hooksAfter", name))
                .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code()).as(name).isEqualTo(code));
    }
}
