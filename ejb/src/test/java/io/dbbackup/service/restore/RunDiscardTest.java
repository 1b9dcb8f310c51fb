package io.dbbackup.service.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dbbackup.catalog.RunView;
import io.dbbackup.engine.mysql.MariadbEngine;
import io.dbbackup.engine.postgresql.PostgresEngine;
import io.dbbackup.model.BackupException;
import io.dbbackup.model.ErrorCode;
import io.dbbackup.model.Operation;
import io.dbbackup.model.RunState;
import io.dbbackup.model.SecretRef;
import io.dbbackup.model.SourceConfig;
import io.dbbackup.service.backup.BackupHandler;
import io.dbbackup.service.backup.BackupSealer;
import io.dbbackup.service.copy.CopyFixture;
import io.dbbackup.service.retention.HiddenSets;
import io.dbbackup.service.run.NextStep;
import io.dbbackup.service.run.Node;
import io.dbbackup.service.run.RunFixture;
import io.dbbackup.service.run.RunFixture.Ended;
import io.dbbackup.spi.BlobStore;
import io.dbbackup.spi.DatabaseEngine;
import io.dbbackup.spi.LogicalRestore;
import io.dbbackup.spi.WorkItem;
import io.dbbackup.throwaway.MysqlInstance;
import io.dbbackup.throwaway.PostgresInstance;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.Proxy;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.BiConsumer;
import java.util.function.BiFunction;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** A restore that fails, is given up, and is begun anew all the same. */
class RunDiscardTest {
    private static final String UNFINISHED = "SELECT count(*) FROM pg_database WHERE datname LIKE 'dbbackup_restoring_%'";
    private static final String ROWS = "SELECT count(*), sum(n) FROM numbers";

    private static PostgresInstance server;
    private static MysqlInstance mariadb;

    private final AtomicBoolean dies = new AtomicBoolean();
    private Consumer<WorkItem> beforeItem = item -> {};
    private final RunFixture fixture = new RunFixture(dying(new PostgresEngine()), dying(new MariadbEngine()));
    private final BackupHandler backup = new BackupHandler(
            fixture.configuration,
            fixture.access,
            fixture.queue,
            fixture.runs,
            fixture.sets,
            new BackupSealer(fixture.queue, fixture.runs, fixture.sets, fixture.clock),
            CopyFixture.ofBackups(fixture));
    private final RestoreHandler restore = new RestoreHandler(
            fixture.configuration, fixture.access, fixture.queue, fixture.sets,
            new RestoreSealer(fixture.queue, fixture.runs));
    private final RunDiscard discard = new RunDiscard(
            fixture.access, fixture.runs, fixture.queue,
            new HiddenSets(fixture.access, fixture.queue, fixture.sets), fixture.executions, new Node());

    @BeforeAll
    static void start() {
        server = PostgresInstance.builder().start();
        mariadb = MysqlInstance.start();
        for (String database : List.of("first", "second")) {
            server.psql("postgres", "CREATE DATABASE " + database);
            server.psql(database, "CREATE TABLE numbers AS SELECT n FROM generate_series(1, 1000) n");
        }
    }

    @AfterAll
    static void stop() {
        try {
            mariadb.close();
        } finally {
            server.close();
        }
    }

    @BeforeEach
    void back_up_two_databases() throws IOException {
        Path password = Files.writeString(fixture.storePath.resolveSibling("password"), server.password());
        fixture.configuration.save(new SourceConfig(
                "cluster", "postgresql", server.host(), server.port(), server.user(),
                Optional.of(new SecretRef(SecretRef.Kind.FILE, password.toString())), "postgres", Optional.of("UTC"),
                Map.of("sslmode", "disable")));
        Ended ended = fixture.run(
                backup, Map.of("source", "cluster", "store", "store", "databases", "[\"first\",\"second\"]"));
        assertThat(ended.run().state()).as(ended.problem()).isEqualTo(RunState.SUCCEEDED);
    }

    @AfterEach
    void close() {
        fixture.close();
    }

    @Test
    void a_set_is_refused_for_a_target_of_another_engine_before_anybody_connects() {
        fixture.configuration.save(new SourceConfig(
                "other", "mariadb", server.host(), server.port(), server.user(), Optional.empty(), "", Optional.of("UTC"),
                Map.of()));
        assertThatThrownBy(() -> fixture.create(restore, Map.of("set", "latest:cluster", "target", "other")))
                .isInstanceOf(BackupException.class)
                .hasMessageContaining("INVALID_PARAMETER: ")
                .hasMessageContaining("is of postgresql, and the target \"other\" is of mariadb");
    }

    @Test
    void what_a_failed_restore_left_is_dropped_and_a_restart_begins_it_anew() throws IOException {
        Path data = blob("second", "data/");
        Path aside = Files.move(data, fixture.storePath.resolveSibling("aside"));
        UUID run = fixture.create(restore, Map.of(
                "set", "latest:cluster", "target", "cluster", "onError", "continue",
                "databases", "{\"first\":\"one\",\"second\":\"two\"}"));
        assertThat(fixture.execute(restore, run).run().state()).isEqualTo(RunState.FAILED);
        assertThat(server.psql("postgres", UNFINISHED)).isEqualTo("1\n");

        assertThat(discard.discard(run).databases()).singleElement().asString().startsWith("dbbackup_restoring_");

        assertThat(server.psql("postgres", UNFINISHED)).isEqualTo("0\n");
        assertThat(fixture.runs.get(run).state()).isEqualTo(RunState.FAILED);
        assertThat(fixture.runs.warnings(run)).last().asString().contains("given up", "cluster");
        assertThat(discard.discard(run).databases()).as("once more").isEmpty();
        assertThat(fixture.runs.waiting(10)).isEmpty();
        server.psql("one", "INSERT INTO numbers VALUES (7)");
        Files.move(aside, data);
        Ended again = fixture.execute(restore, run);
        assertThat(again.problem()).isEmpty();
        assertThat(again.run().state()).isEqualTo(RunState.SUCCEEDED_WITH_WARNINGS);
        assertThat(again.run().discardedAt()).as("a restart takes it back").isEmpty();
        assertThat(server.psql("two", ROWS)).isEqualTo(server.psql("second", ROWS));
        assertThat(server.psql("one", ROWS)).as("finished before, and nobody's to touch").startsWith("1001|");
    }

    @Test
    void what_is_no_unfinished_restore_is_refused() {
        UUID active = fixture.create(restore, Map.of("set", "latest:cluster", "target", "cluster"));
        refused(active, ErrorCode.RUN_ALREADY_ACTIVE);
        UUID done = fixture.create(restore, Map.of(
                "set", "latest:cluster", "target", "cluster", "databases", "{\"first\":\"done\"}"));
        assertThat(fixture.execute(restore, done).run().state()).isEqualTo(RunState.SUCCEEDED);
        refused(done, ErrorCode.RUN_NOT_RESTARTABLE);
        refused(fixture.runsOf(Operation.BACKUP).get(0).id(), ErrorCode.RUN_NOT_RESTARTABLE);
        refused(UUID.randomUUID(), ErrorCode.UNKNOWN_RUN);
        assertThat(server.psql("done", ROWS)).startsWith("1000|");
    }

    @Test
    void of_a_data_only_restore_into_a_mariadb_the_marks_are_dropped_so_that_another_can_replace_what_it_loaded() throws IOException {
        mariadb.sql("mysql", "CREATE DATABASE shop; CREATE TABLE shop.t (id int PRIMARY KEY, v varchar(5));"
                + " CREATE TABLE shop.u (id int PRIMARY KEY); INSERT INTO shop.t VALUES (1, 'long'); INSERT INTO shop.u VALUES (1);"
                + " CREATE TRIGGER shop.gone AFTER INSERT ON shop.u FOR EACH ROW DELETE FROM shop.u");
        configureMariadb();
        UUID kept = fixture.create(backup, Map.of(
                "source", "maria", "store", "store", "databases", "[\"shop\"]", "contents", "data"));
        Ended ended = fixture.execute(backup, kept);
        String set = ended.run().set().orElseThrow();
        mariadb.sql("shop", "DELETE FROM t; DELETE FROM u; ALTER TABLE t MODIFY v varchar(2)");
        UUID run = fixture.create(restore, Map.of("set", set, "target", "maria", "suspendTriggers", "true"));
        assertThat(fixture.execute(restore, run).run().state()).isEqualTo(RunState.FAILED);
        assertThat(mariadb.sql("shop", "SHOW TRIGGERS")).isEmpty();

        RunDiscard.GivenUp discarded = discard.discard(run);

        assertThat(discarded.databases()).singleElement().asString().startsWith("dbbackup_restoring_");
        assertThat(discarded.triggers()).containsExactly("gone on u");
        assertThat(mariadb.sql("shop", "SHOW TRIGGERS")).startsWith("gone\tINSERT\tu\tDELETE FROM shop.u");
        assertThat(fixture.runs.warnings(run)).last().asString()
                .contains("rows that were loaded stay", "exist again: gone on u");
        assertThat(mariadb.sql("mysql", "SHOW DATABASES LIKE 'dbbackup%'")).isEmpty();
        mariadb.sql("shop", "ALTER TABLE t MODIFY v varchar(5)");
        UUID other = fixture.create(restore, Map.of("set", set, "target", "maria", "clean", "true", "confirm", "[\"shop\"]", "suspendTriggers", "true"));
        Ended again = fixture.execute(restore, other);
        assertThat(again.problem()).isEmpty();
        assertThat(mariadb.sql("shop", "SELECT * FROM t")).isEqualTo("1\tlong\n");
    }

    @Test
    void a_discard_of_rows_in_a_mariadb_that_fails_for_one_database_begins_the_other_anew_and_can_be_repeated() throws IOException {
        for (String database : List.of("left_one", "right_one")) {
            mariadb.sql("mysql", "CREATE DATABASE " + database);
            mariadb.sql(database, "CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1);"
                    + " CREATE TRIGGER gone BEFORE INSERT ON t FOR EACH ROW SET NEW.id = NEW.id + 1");
        }
        configureMariadb();
        Ended kept = fixture.run(backup, Map.of(
                "source", "maria", "store", "store", "databases", "[\"left_one\",\"right_one\"]", "contents", "data"));
        assertThat(kept.problem()).isEmpty();
        UUID run = fixture.create(restore, Map.of(
                "set", kept.run().set().orElseThrow(), "target", "maria", "onError", "continue", "suspendTriggers", "true",
                "clean", "true", "confirm", "[\"left_one\",\"right_one\"]"));
        failWithout(run, name -> name.contains("/data/") || name.contains("bundle"));
        String marks = "SHOW DATABASES LIKE 'dbbackup%'";
        assertThat(mariadb.sql("mysql", marks).lines()).as("prepared, both").hasSize(2);
        assertThat(mariadb.sql("left_one", "SHOW TRIGGERS") + mariadb.sql("right_one", "SHOW TRIGGERS")).isEmpty();
        mariadb.sql("right_one", "CREATE TRIGGER gone BEFORE INSERT ON t FOR EACH ROW SET NEW.id = NEW.id + 100");

        for (int times = 0; times < 2; times++) {
            refused(run, ErrorCode.TRIGGER_EXISTS);
            assertThat(mariadb.sql("mysql", marks).lines()).as("those of the other one").singleElement().asString().endsWith("_1");
            assertThat(mariadb.sql("left_one", "SHOW TRIGGERS")).contains("NEW.id + 1\t");
            assertThat(mariadb.sql("right_one", "SHOW TRIGGERS")).as("somebody else's").contains("NEW.id + 100\t");
            assertThat(fixture.runs.get(run).state()).isEqualTo(RunState.FAILED);
            assertThat(fixture.runs.waiting(10)).extracting(RunView::id).containsExactly(run);
        }

        mariadb.sql("right_one", "DROP TRIGGER gone");
        Ended restarted = fixture.execute(restore, run);
        assertThat(restarted.problem()).isEmpty();
        for (String database : List.of("left_one", "right_one")) {
            assertThat(mariadb.sql(database, "SELECT * FROM t")).isEqualTo("1\n");
            assertThat(mariadb.sql(database, "SHOW TRIGGERS")).contains("NEW.id + 1\t");
        }
        assertThat(mariadb.sql("mysql", marks)).isEmpty();
    }

    @Test
    void of_a_data_only_restore_into_postgresql_its_own_marks_are_dropped_and_what_it_loaded_stays() throws IOException {
        Ended kept = fixture.run(backup, Map.of(
                "source", "cluster", "store", "store", "databases", "[\"first\",\"second\"]", "contents", "data"));
        assertThat(kept.problem()).isEmpty();
        String set = kept.run().set().orElseThrow();
        for (String database : List.of("live", "other")) {
            server.psql("postgres", "CREATE DATABASE " + database);
            server.psql(database, "CREATE TABLE numbers (n int)");
        }
        Map<String, String> parameters = Map.of(
                "set", set, "target", "cluster", "databases", "{\"first\":\"live\",\"second\":\"other\"}");
        UUID run = fixture.create(restore, parameters);
        // the second database is prepared and its rows cannot be read
        failWithout(run, name -> name.contains("second/data/"));
        server.psql("live", "DROP SCHEMA IF EXISTS dbbackup_restore CASCADE; CREATE SCHEMA dbbackup_restore;"
                + " COMMENT ON SCHEMA dbbackup_restore IS 'dbbackup run " + UUID.randomUUID() + "'");
        String loaded = server.psql("live", ROWS);

        RunDiscard.GivenUp discarded = discard.discard(run);

        assertThat(discarded.databases()).containsExactly("other");
        assertThat(discarded.notes()).singleElement().asString().contains("(other) were dropped", "rows that were loaded stay");
        String marks = "SELECT count(*) FROM pg_namespace WHERE nspname = 'dbbackup_restore'";
        assertThat(server.psql("other", marks)).isEqualTo("0\n");
        assertThat(server.psql("live", marks)).as("of another run").isEqualTo("1\n");
        assertThat(server.psql("live", ROWS)).isEqualTo(loaded);
        assertThat(fixture.runs.waiting(10)).isEmpty();

        server.psql("live", "DROP SCHEMA dbbackup_restore");
        Map<String, String> clean = new TreeMap<>(parameters);
        clean.putAll(Map.of("clean", "true", "confirm", "[\"live\",\"other\"]"));
        assertThat(fixture.run(restore, clean).problem()).isEmpty();
        assertThat(server.psql("other", ROWS)).isEqualTo(server.psql("second", ROWS));
    }

    @Test
    void of_a_data_only_restore_the_marks_are_dropped_although_its_set_has_expired() {
        Map<String, String> rowsOnly =
                Map.of("source", "cluster", "store", "store", "databases", "[\"first\"]", "contents", "data");
        String set = fixture.run(backup, rowsOnly).run().set().orElseThrow();
        server.psql("postgres", "CREATE DATABASE late");
        server.psql("late", "CREATE TABLE numbers (n int)");
        UUID run = fixture.create(
                restore, Map.of("set", set, "target", "cluster", "databases", "{\"first\":\"late\"}"));
        failWithout(run, name -> name.contains("first/data/"));
        fixture.sets.forget(set, "store");

        RunDiscard.GivenUp discarded = discard.discard(run);

        assertThat(discarded.databases()).containsExactly("late");
        assertThat(discarded.notes()).singleElement().asString().contains("(late) were dropped", "rows that were loaded stay");
        Ended other = fixture.run(restore, Map.of(
                "set", fixture.run(backup, rowsOnly).run().set().orElseThrow(), "target", "cluster",
                "databases", "{\"first\":\"late\"}"));
        assertThat(other.problem()).isEmpty();
        assertThat(server.psql("late", ROWS)).isEqualTo(server.psql("first", ROWS));
    }

    @Test
    void of_a_mariadb_what_stands_half_finished_under_its_final_name_is_named_and_what_others_made_is_not() throws IOException {
        mariadb.sql("mysql", "CREATE DATABASE whole; CREATE TABLE whole.t (id int PRIMARY KEY);"
                + " CREATE VIEW whole.v AS SELECT id FROM whole.t");
        configureMariadb();
        Ended backedUp = fixture.run(backup, Map.of("source", "maria", "store", "store", "databases", "[\"whole\"]"));
        assertThat(backedUp.problem()).isEmpty();
        Map<String, String> parameters = Map.of(
                "set", backedUp.run().set().orElseThrow(), "target", "maria", "databases", "{\"whole\":\"half\"}");
        UUID killed = fixture.create(restore, parameters);
        // its tables have moved, its view is to be created
        onOpen(name -> {
            if (name.contains("after") && !mariadb.sql("mysql", "SHOW DATABASES LIKE 'half'").isEmpty()) {
                throw new InternalError("killed");
            }
        });
        assertThatThrownBy(() -> fixture.execute(restore, killed)).hasMessageContaining("killed");
        fixture.wrapStore(real -> real);
        assertThat(mariadb.sql("half", "SHOW TABLES")).isEqualTo("t\n");

        RunDiscard.GivenUp discarded = discard.discard(killed);

        assertThat(discarded.databases()).hasSize(1);
        assertThat(discarded.notes()).hasSize(2).last().asString()
                .contains("database \"half\" on maria has its final name, but only a part").contains("drop it", "confirm=half");
        assertThat(fixture.runs.warnings(killed)).containsAll(discarded.notes());
        assertThat(mariadb.sql("half", "SHOW TABLES")).isEqualTo("t\n");
        Map<String, String> clean = new TreeMap<>(parameters);
        clean.putAll(Map.of("clean", "true", "confirm", "half"));
        Ended replaced = fixture.run(restore, clean);
        assertThat(replaced.problem()).isEmpty();
        assertThat(mariadb.sql("half", "SHOW TABLES")).isEqualTo("t\nv\n");
        mariadb.sql("half", "DROP DATABASE half");

        UUID beaten = fixture.create(restore, parameters);
        onOpen(name -> {
            if (name.contains("schema") && mariadb.sql("mysql", "SHOW DATABASES LIKE 'half'").isEmpty()) {
                mariadb.sql("mysql", "CREATE DATABASE half; CREATE TABLE half.theirs (id int)");
            }
        });
        Ended refused = fixture.execute(restore, beaten);
        assertThat(refused.problem()).contains("DATABASE_EXISTS");
        assertThat(discard.discard(beaten).notes()).singleElement().asString().contains("were dropped");
    }

    @Test
    void a_database_that_somebody_drops_is_an_error_that_says_how_to_go_on() throws IOException {
        mariadb.sql("mysql", "CREATE DATABASE vase; CREATE TABLE vase.t (id int PRIMARY KEY); INSERT INTO vase.t VALUES (1)");
        configureMariadb();
        assertThat(fixture.run(backup, Map.of("source", "maria", "store", "store", "databases", "[\"vase\"]")).problem()).isEmpty();
        Map<String, Runnable> drops = Map.of(
                "cluster", () -> server.psql("postgres", "DROP DATABASE fallen"),
                "maria", () -> mariadb.sql("mysql", "DROP DATABASE fallen"));
        for (String target : drops.keySet()) {
            String database = target.equals("maria") ? "vase" : "first";
            Map<String, String> parameters = Map.of(
                    "set", "latest:" + target, "target", target, "databases", "{\"" + database + "\":\"fallen\"}");
            UUID run = fixture.create(restore, parameters);
            AtomicBoolean dropped = new AtomicBoolean();
            beforeItem = item -> {
                if (item.kind().contains("compare") && dropped.compareAndSet(false, true)) {
                    drops.get(target).run();
                }
            };
            for (int times = 0; times < 2; times++) {
                Ended failed = fixture.execute(restore, run);
                assertThat(failed.problem()).contains("UNKNOWN_DATABASE", "\"fallen\" was finished by this run and is not on",
                        "No restart can end this run: discard it", "--target " + target + " --database \"" + database + "=fallen\"");
                assertThat(NextStep.of(failed.run(), true).orElse("no job")).doesNotContain("dbbackup restart");
            }
            beforeItem = item -> {};
            discard.discard(run);
            assertThat(fixture.run(restore, parameters).problem()).isEmpty();
        }
        mariadb.sql("mysql", "DROP DATABASE fallen");
        server.psql("postgres", "DROP DATABASE fallen");
    }

    @Test
    void a_database_that_somebody_drops_while_it_is_filled_is_begun_anew_behind_a_discard() throws IOException {
        mariadb.sql("mysql", "CREATE DATABASE jug; CREATE TABLE jug.t (id int PRIMARY KEY); INSERT INTO jug.t VALUES (1)");
        configureMariadb();
        assertThat(fixture.run(backup, Map.of("source", "maria", "store", "store", "databases", "[\"jug\"]")).problem()).isEmpty();
        Runnable inMariadb = () -> mariadb.sql("mysql", "SHOW DATABASES LIKE 'dbbackup%'").lines()
                .forEach(name -> mariadb.sql("mysql", "DROP DATABASE " + name));
        Runnable inPostgres = () -> server.psql("postgres", "SELECT datname FROM pg_database WHERE datname LIKE 'dbbackup_restoring_%'").lines()
                .forEach(name -> server.psql("postgres", "DROP DATABASE " + name + " WITH (FORCE)"));
        for (String target : List.of("maria", "cluster")) {
            UUID run = fixture.create(restore, Map.of(
                    "set", "latest:" + target, "target", target, "databases",
                    target.equals("maria") ? "{\"jug\":\"jug_again\"}" : "{\"first\":\"jug_again\"}"));
            beforeItem = item -> {
                if (item.kind().endsWith(".data")) {
                    (target.equals("maria") ? inMariadb : inPostgres).run();
                }
            };
            for (int times = 0; times < 2; times++) {
                assertThat(fixture.execute(restore, run).problem()).contains(
                        "UNKNOWN_DATABASE", "the database into which \"jug_again\" is restored is not on", "Discard the run: its restart then begins");
            }
            beforeItem = item -> {};
            discard.discard(run);
            assertThat(fixture.execute(restore, run).problem()).isEmpty();
        }
        assertThat(mariadb.sql("jug_again", "SELECT * FROM t")).isEqualTo("1\n");
        assertThat(server.psql("jug_again", ROWS)).isEqualTo(server.psql("first", ROWS));
        server.psql("postgres", "DROP DATABASE jug_again");
        mariadb.sql("mysql", "DROP DATABASE jug_again; DROP DATABASE jug");
    }

    @Test
    void a_view_that_waits_in_a_database_that_somebody_drops_keeps_no_others_away() throws IOException {
        mariadb.sql("mysql", "CREATE DATABASE row_b; CREATE TABLE row_b.t (id int PRIMARY KEY); INSERT INTO row_b.t VALUES (7);"
                + " CREATE DATABASE row_a; CREATE VIEW row_a.v AS SELECT id FROM row_b.t; CREATE DATABASE row_c; CREATE VIEW row_c.v AS SELECT id FROM row_b.t");
        configureMariadb();
        String set = fixture.run(backup, Map.of("source", "maria", "store", "store", "databases", "[\"row_a\",\"row_b\",\"row_c\"]"))
                .run().set().orElseThrow();
        mariadb.sql("mysql", "DROP DATABASE row_a; DROP DATABASE row_b; DROP DATABASE row_c");
        Path data = blob("row_b", "data/");
        Path aside = Files.move(data, fixture.storePath.resolveSibling("aside-row"));
        UUID run = fixture.create(restore, Map.of(
                "set", set, "target", "maria", "onError", "continue", "databases", "row_a=row_a,row_b=row_b,row_c=row_c"));
        fixture.execute(restore, run);
        Files.move(aside, data);
        mariadb.sql("mysql", "DROP DATABASE row_a");
        Ended restarted = fixture.execute(restore, run);
        assertThat(restarted.problem()).isEmpty();
        assertThat(restarted.warnings()).singleElement().asString().contains("database \"row_a\" was finished by this run and is not on maria");
        assertThat(mariadb.sql("row_c", "SELECT id FROM v")).isEqualTo("7\n");
        mariadb.sql("mysql", "DROP DATABASE row_b; DROP DATABASE row_c");
    }

    @Test
    void what_a_discard_cannot_put_back_is_in_its_answer_and_among_the_warnings_of_the_run() throws IOException {
        mariadb.sql("mysql", "CREATE DATABASE tally; CREATE TABLE tally.t (id int AUTO_INCREMENT PRIMARY KEY); INSERT INTO tally.t VALUES (1);"
                + " CREATE USER unaltering@'127.0.0.1' IDENTIFIED BY 'unaltering';"
                + " GRANT SELECT, INSERT, DELETE, DROP, TRIGGER, SHOW DATABASES ON *.* TO unaltering@'127.0.0.1'");
        configureMariadb();
        Ended kept = fixture.run(backup, Map.of("source", "maria", "store", "store", "databases", "[\"tally\"]", "contents", "data"));
        mariadb.sql("tally", "ALTER TABLE t AUTO_INCREMENT = 5000");
        UUID run = fixture.create(restore, Map.of(
                "set", kept.run().set().orElseThrow(), "target", "maria", "clean", "true", "confirm", "tally"));
        failWithout(run, name -> name.contains("/data/") || name.contains("bundle"));
        // as if it had been killed somewhat earlier
        mariadb.sql("tally", "TRUNCATE TABLE t");
        configureMariadb("unaltering", "unaltering");

        RunDiscard.GivenUp discarded = discard.discard(run);

        assertThat(discarded.notes()).hasSize(2).last().asString().contains("table \"t\" in database \"tally\"", "from 1 instead of 5000");
        assertThat(fixture.runs.warnings(run)).containsAll(discarded.notes());
        mariadb.sql("mysql", "DROP DATABASE tally; DROP USER unaltering@'127.0.0.1'");
    }

    @Test
    void a_discard_that_is_killed_never_lets_a_restart_take_a_database_of_somebody_else_for_restored() throws IOException {
        mariadb.sql("mysql", "CREATE DATABASE ledger; CREATE TABLE ledger.t (id int PRIMARY KEY); INSERT INTO ledger.t VALUES (1)");
        configureMariadb();
        Ended backedUp = fixture.run(backup, Map.of("source", "maria", "store", "store", "databases", "[\"ledger\"]"));
        UUID run = fixture.create(restore, Map.of(
                "set", backedUp.run().set().orElseThrow(), "target", "maria", "databases", "{\"ledger\":\"books\"}", "compare", "false"));
        onOpen(name -> {
            if (name.contains("schema") && mariadb.sql("mysql", "SHOW DATABASES LIKE 'books'").isEmpty()) {
                mariadb.sql("mysql", "CREATE DATABASE books; CREATE TABLE books.theirs (id int)");
            }
        });
        assertThat(fixture.execute(restore, run).problem()).as("loaded, and not finished").contains("DATABASE_EXISTS");
        fixture.wrapStore(real -> real);
        // what a discard had done that lost the catalog
        new MariadbEngine().logicalRestore().discard(fixture.access.endpoint("maria"), run);

        Ended gone = fixture.execute(restore, run);

        assertThat(gone.run().state()).isEqualTo(RunState.FAILED);
        assertThat(gone.problem()).contains("UNKNOWN_DATABASE", "dbbackup_restoring_", "\"books\"", "Discard the run");
        assertThat(gone.run().summary().orElseThrow()).contains("\"restored\":[]");
        dies.set(true);
        assertThatThrownBy(() -> discard.discard(run)).hasMessageContaining("killed");
        dies.set(false);
        assertThat(fixture.execute(restore, run).problem()).as("nothing is done any more").contains("DATABASE_EXISTS", "clean");
        assertThat(mariadb.sql("books", "SHOW TABLES")).isEqualTo("theirs\n");
        mariadb.sql("mysql", "DROP DATABASE books");
        Ended anew = fixture.execute(restore, run);
        assertThat(anew.problem()).isEmpty();
        assertThat(anew.run().state()).isEqualTo(RunState.SUCCEEDED);
        assertThat(mariadb.sql("books", "SELECT * FROM t")).isEqualTo("1\n");
        assertThat(mariadb.sql("mysql", "SHOW DATABASES LIKE 'dbbackup%'")).isEmpty();
    }

    @Test
    void the_only_complete_copy_of_a_database_that_was_to_be_replaced_is_not_discarded() throws IOException {
        mariadb.sql("mysql", "CREATE DATABASE stock; CREATE TABLE stock.t (id int PRIMARY KEY); INSERT INTO stock.t VALUES (1)");
        configureMariadb();
        Ended backedUp = fixture.run(backup, Map.of("source", "maria", "store", "store", "databases", "[\"stock\"]"));
        UUID run = fixture.create(restore, Map.of(
                "set", backedUp.run().set().orElseThrow(), "target", "maria", "clean", "true", "confirm", "stock"));
        mariadb.sql("stock", "INSERT INTO t VALUES (2)");
        onOpen(name -> {
            if (name.contains("after")) {
                throw new InternalError("killed");
            }
        });
        assertThatThrownBy(() -> fixture.execute(restore, run)).hasMessageContaining("killed");
        fixture.wrapStore(real -> real);
        String temporary = mariadb.sql("mysql", "SHOW DATABASES LIKE 'dbbackup%'").strip();
        // as if it had been killed somewhat earlier, when the old database was dropped and the new one not created
        mariadb.sql("mysql", "RENAME TABLE stock.t TO " + temporary + ".t; DROP DATABASE stock");

        for (int times = 0; times < 2; times++) {
            assertThatThrownBy(() -> discard.discard(run)).isInstanceOfSatisfying(BackupException.class, e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.CONFIRMATION_REQUIRED);
                assertThat(e.problem().cause()).contains("\"stock\"", "was dropped", "only complete copy", temporary);
                assertThat(e.problem().remedy()).contains("Restart the run", "RENAME TABLE", "drop " + temporary);
            });
        }

        // as if killed before the first table moved
        mariadb.sql("mysql", "CREATE DATABASE stock");
        assertThatThrownBy(() -> discard.discard(run)).isInstanceOfSatisfying(
                BackupException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIRMATION_REQUIRED));

        assertThat(fixture.runs.get(run).state()).isEqualTo(RunState.INTERRUPTED);
        assertThat(fixture.execute(restore, run).problem()).isEmpty();
        assertThat(mariadb.sql("stock", "SELECT * FROM t")).isEqualTo("1\n");
    }

    @Test
    void finished_databases_whose_events_wait_for_others_are_named() throws IOException {
        mariadb.sql("mysql", "CREATE DATABASE clock; CREATE EVENT clock.tick ON SCHEDULE EVERY 1 DAY DO DO 1;"
                + " CREATE DATABASE late; CREATE TABLE late.t (id int PRIMARY KEY); INSERT INTO late.t VALUES (1)");
        configureMariadb();
        Ended backedUp = fixture.run(
                backup, Map.of("source", "maria", "store", "store", "databases", "[\"clock\",\"late\"]"));
        Path data = blob("late", "data/");
        Path aside = Files.move(data, fixture.storePath.resolveSibling("aside-too"));
        UUID run = fixture.create(restore, Map.of(
                "set", backedUp.run().set().orElseThrow(), "target", "maria", "onError", "continue",
                "databases", "clock=clock_again,late=late_again"));

        Ended failed = fixture.execute(restore, run);

        assertThat(failed.run().summary().orElseThrow())
                .contains("\"restored\":[\"clock_again\"]", "\"withoutEvents\":[\"clock_again\"]");
        assertThat(discard.discard(run).notes()).last().asString()
                .contains("database \"clock_again\" on maria is finished, but its events were not created");
        Files.move(aside, data);
        Ended restarted = fixture.execute(restore, run);
        assertThat(restarted.problem()).isEmpty();
        assertThat(restarted.run().summary().orElseThrow()).contains("\"withoutEvents\":[]");
        assertThat(mariadb.sql("clock_again", "SHOW EVENTS")).contains("tick");
    }

    @Test
    void views_of_a_finished_database_that_wait_for_a_failed_one_are_named_once_and_come_with_the_restart() throws IOException {
        mariadb.sql("mysql", "CREATE DATABASE shelf; CREATE TABLE shelf.t (id int PRIMARY KEY); INSERT INTO shelf.t VALUES (7);"
                + " CREATE DATABASE desk; CREATE TABLE desk.own (id int PRIMARY KEY); CREATE VIEW desk.v AS SELECT id FROM shelf.t;"
                + " CREATE VIEW desk.w AS SELECT id FROM desk.v");
        configureMariadb();
        String set = fixture.run(backup, Map.of("source", "maria", "store", "store", "databases", "[\"desk\",\"shelf\"]"))
                .run().set().orElseThrow();
        mariadb.sql("mysql", "DROP DATABASE desk; DROP DATABASE shelf");
        Path data = blob("shelf", "data/");
        Path aside = Files.move(data, fixture.storePath.resolveSibling("aside-view"));
        UUID run = fixture.create(restore, Map.of(
                "set", set, "target", "maria", "onError", "continue", "databases", "desk=desk,shelf=shelf"));

        Ended failed = fixture.execute(restore, run);

        assertThat(failed.run().summary().orElseThrow()).contains("\"restored\":[\"desk\"]");
        assertThat(failed.warnings()).singleElement().asString().contains("database \"desk\" lacks views", ": v, w.", "Restart the run");
        assertThat(fixture.execute(restore, run).warnings()).as("the same is said once").isEqualTo(failed.warnings());
        Files.move(aside, data);
        Ended restarted = fixture.execute(restore, run);
        assertThat(restarted.problem()).isEmpty();
        assertThat(restarted.warnings()).as("nothing is lacking any more").isEmpty();
        assertThat(mariadb.sql("desk", "SELECT id FROM w")).isEqualTo("7\n");
        mariadb.sql("mysql", "DROP DATABASE desk; DROP DATABASE shelf");
    }

    @Test
    void privileges_of_accounts_that_a_run_made_itself_come_back_when_it_is_begun_anew() throws IOException {
        mariadb.sql("mysql", """
                CREATE DATABASE till; CREATE TABLE till.orders (id int PRIMARY KEY, price int); INSERT INTO till.orders VALUES (1, 2);
                CREATE PROCEDURE till.p() SELECT 1; CREATE DATABASE drawer; CREATE TABLE drawer.t (id int PRIMARY KEY);
                CREATE USER app@'%', late@'%', old@'%', changed@'%';
                GRANT PROCESS ON *.* TO app@'%'; GRANT INSERT ON till.* TO app@'%', late@'%';
                GRANT SELECT, UPDATE (price) ON till.orders TO app@'%'; GRANT SELECT ON till.orders TO late@'%', old@'%';
                GRANT DELETE ON drawer.t TO late@'%';
                GRANT EXECUTE ON PROCEDURE till.p TO app@'%', PUBLIC; GRANT SHOW VIEW ON till.* TO PUBLIC;
                """);
        String grants = "SHOW GRANTS FOR app@'%'; SHOW GRANTS FOR late@'%'; SHOW GRANTS FOR PUBLIC";
        String before = mariadb.sql("mysql", grants);
        configureMariadb();
        String set = fixture.run(backup, Map.of("source", "maria", "store", "store")).run().set().orElseThrow();
        mariadb.sql("mysql", "REVOKE EXECUTE ON PROCEDURE till.p FROM PUBLIC; REVOKE SHOW VIEW ON till.* FROM PUBLIC;"
                + " REVOKE SELECT ON till.orders FROM old@'%'; DROP USER app@'%', late@'%', changed@'%'; DROP DATABASE till; DROP DATABASE drawer");
        Path data = blob("till", "data/");
        Path aside = Files.move(data, fixture.storePath.resolveSibling("aside"));
        UUID run = fixture.create(restore, Map.of("set", set, "target", "maria", "databases", "till=till,drawer=drawer", "onError", "continue"));
        assertThat(fixture.execute(restore, run).run().state()).isEqualTo(RunState.FAILED);
        assertThat(mariadb.sql("mysql", "SHOW GRANTS FOR late@'%'")).as("of what is finished").contains("`drawer`.`t`");
        assertThat(mariadb.sql("mysql", "SHOW GRANTS FOR app@'%'")).contains("GRANT PROCESS", "INSERT");
        // as if the run had died before it granted these, and somebody had dropped an account since
        mariadb.sql("mysql", "REVOKE PROCESS ON *.* FROM app@'%'; REVOKE SHOW VIEW ON till.* FROM PUBLIC; DROP USER late@'%';"
                + " ALTER USER changed@'%' IDENTIFIED BY 'theirs'");

        discard.discard(run);
        assertThat(fixture.execute(restore, run).run().state()).as("once more, by accounts that are there").isEqualTo(RunState.FAILED);
        discard.discard(run);
        discard.discard(run);
        Files.move(aside, data);
        Ended restarted = fixture.execute(restore, run);

        assertThat(restarted.problem()).isEmpty();
        assertThat(mariadb.sql("mysql", grants)).isEqualTo(before);
        assertThat(mariadb.sql("mysql", "SHOW GRANTS FOR old@'%'")).as("was there before").doesNotContain("orders");
        assertThat(mariadb.sql("mysql", "SHOW GRANTS FOR changed@'%'")).contains(mariadb.sql("mysql", "SELECT password('theirs')").strip());
        assertThat(fixture.runs.warnings(run))
                .filteredOn(warning -> !warning.startsWith("given up") && !warning.startsWith("this restore of some of the databases"))
                .singleElement().asString().contains("account `changed`@`%`", "by somebody else", "ALTER USER");
        mariadb.sql("mysql", "REVOKE EXECUTE ON PROCEDURE till.p FROM PUBLIC; REVOKE SHOW VIEW ON till.* FROM PUBLIC;"
                + " DROP USER app@'%', late@'%', old@'%', changed@'%'; DROP DATABASE till; DROP DATABASE drawer");
    }

    @Test
    void roles_of_postgresql_are_whole_when_it_is_begun_anew_also_those_that_somebody_has_dropped_meanwhile() throws IOException {
        server.psql("postgres", "CREATE ROLE stays LOGIN PASSWORD 'x'; CREATE ROLE goes NOLOGIN; GRANT goes TO stays;"
                + " ALTER ROLE stays SET search_path TO public; CREATE DATABASE owned");
        server.psql("owned", "CREATE TABLE t AS SELECT 1 AS n; ALTER TABLE t OWNER TO goes; GRANT SELECT ON t TO stays");
        String roles = "SELECT rolname, rolcanlogin, rolpassword, pg_has_role('stays', 'goes', 'MEMBER'), (SELECT setconfig FROM"
                + " pg_db_role_setting WHERE setrole = a.oid) FROM pg_authid a WHERE rolname IN ('stays', 'goes') ORDER BY 1";
        String rights = "SELECT relacl, pg_get_userbyid(relowner) FROM pg_class WHERE relname = 't'";
        String before = server.psql("postgres", roles) + server.psql("owned", rights);
        String set = fixture.run(backup, Map.of("source", "cluster", "store", "store")).run().set().orElseThrow();
        server.psql("postgres", "DROP DATABASE owned");
        server.psql("postgres", "DROP ROLE stays, goes");
        Path data = blob("owned", "data/");
        Path aside = Files.move(data, fixture.storePath.resolveSibling("aside"));
        UUID run = fixture.create(restore, Map.of("set", set, "target", "cluster", "databases", "{\"owned\":\"owned\"}"));
        assertThat(fixture.execute(restore, run).run().state()).isEqualTo(RunState.FAILED);
        discard.discard(run);
        server.psql("postgres", "DROP ROLE goes");
        Files.move(aside, data);

        Ended restarted = fixture.execute(restore, run);

        assertThat(restarted.problem()).isEmpty();
        assertThat(server.psql("postgres", roles) + server.psql("owned", rights)).isEqualTo(before);
        server.psql("postgres", "DROP DATABASE owned");
        server.psql("postgres", "DROP ROLE stays, goes");
    }

    private void onOpen(Consumer<String> action) {
        fixture.wrapStore(real -> around(BlobStore.class, real, (method, arguments) -> {
            if (method.equals("open")) {
                action.accept((String) arguments[0]);
            }
        }, (method, result) -> result));
    }

    /** Executes a restore that does not find some of its blobs, which are there again afterwards. */
    private void failWithout(UUID run, Predicate<String> blobs) {
        onOpen(name -> {
            if (blobs.test(name)) {
                throw new BackupException(ErrorCode.BLOB_MISSING, "there is no blob " + name, "Look again.");
            }
        });
        assertThat(fixture.execute(restore, run).run().state()).isEqualTo(RunState.FAILED);
        fixture.wrapStore(real -> real);
    }

    /** Which is killed, when it is told to, as soon as it has dropped what a restore left. */
    private DatabaseEngine dying(DatabaseEngine engine) {
        return around(DatabaseEngine.class, engine, (method, arguments) -> { }, (method, result) ->
                method.equals("logicalRestore")
                        ? around(LogicalRestore.class, (LogicalRestore) result, (m, arguments) -> {
                            if (m.equals("execute")) {
                                beforeItem.accept((WorkItem) arguments[1]);
                            }
                        }, (m, dropped) -> {
                            if (m.equals("discard") && dies.get()) {
                                throw new InternalError("killed");
                            }
                            return dropped;
                        })
                        : result);
    }

    private static <T> T around(
            Class<T> type, T real, BiConsumer<String, Object[]> before, BiFunction<String, Object, Object> after) {
        return type.cast(Proxy.newProxyInstance(
                RunDiscardTest.class.getClassLoader(), new Class<?>[] {type}, (proxy, method, arguments) -> {
                    before.accept(method.getName(), arguments);
                    try {
                        return after.apply(method.getName(), method.invoke(real, arguments));
                    } catch (InvocationTargetException e) {
                        throw e.getCause();
                    }
                }));
    }

    private void configureMariadb() throws IOException {
        configureMariadb(mariadb.user(), mariadb.password());
    }

    private void configureMariadb(String user, String secret) throws IOException {
        Path password = Files.writeString(fixture.storePath.resolveSibling("mariadb"), secret);
        fixture.configuration.save(new SourceConfig(
                "maria", "mariadb", mariadb.host(), mariadb.port(), user,
                Optional.of(new SecretRef(SecretRef.Kind.FILE, password.toString())), "", Optional.of("UTC"),
                Map.of("sslMode", "DISABLED")));
    }

    @Test
    void a_run_that_was_refused_before_it_began_is_given_up_although_its_target_is_away() throws IOException {
        int nobody;
        try (ServerSocket socket = new ServerSocket(0)) {
            nobody = socket.getLocalPort();
        }
        fixture.configuration.save(new SourceConfig(
                "away", "postgresql", server.host(), nobody, server.user(), Optional.empty(), "postgres", Optional.of("UTC"),
                Map.of("sslmode", "disable")));
        UUID refused = fixture.create(restore, Map.of("set", "latest:cluster", "target", "away"));
        assertThat(fixture.execute(restore, refused).run().state()).isEqualTo(RunState.FAILED);
        UUID backedUp = fixture.create(backup, Map.of("source", "away", "store", "store"));
        assertThat(fixture.execute(backup, backedUp).run().state()).isEqualTo(RunState.FAILED);
        assertThat(fixture.runs.waiting(10)).extracting(RunView::id).containsExactlyInAnyOrder(refused, backedUp);

        assertThat(discard.discard(refused)).isEqualTo(
                new RunDiscard.GivenUp(List.of(), List.of(), List.of("given up; it had begun nothing")));
        assertThat(discard.discard(backedUp).databases()).isEmpty();

        assertThat(fixture.runs.waiting(10)).isEmpty();
        assertThat(fixture.runs.get(refused).discardedAt()).contains(fixture.clock.instant());
        assertThat(fixture.runs.get(refused).state()).isEqualTo(RunState.FAILED);
    }

    private void refused(UUID run, ErrorCode code) {
        assertThatThrownBy(() -> discard.discard(run))
                .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.code()).isEqualTo(code));
    }

    private Path blob(String database, String part) throws IOException {
        try (Stream<Path> files = Files.walk(fixture.storePath)) {
            return files.filter(file -> file.toString().contains("-" + database + "/" + part)).findFirst().orElseThrow();
        }
    }
}
